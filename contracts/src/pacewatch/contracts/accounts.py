"""Permissions: a role is a set of scopes; an API key carries its scopes itself."""

from enum import StrEnum


class Scope(StrEnum):
    """One permission; every endpoint requires exactly one."""

    FLEET_READ = "fleet:read"
    # No endpoint requires it: without it, answers hide addresses.
    ADDRESSES_READ = "addresses:read"
    ALERTS_ACKNOWLEDGE = "alerts:acknowledge"
    TELEMETRY_WRITE = "telemetry:write"
    OUTCOMES_WRITE = "outcomes:write"
    DEVICES_WRITE = "devices:write"
    TRAINING_RUN = "training:run"
    MODELS_MANAGE = "models:manage"
    PIPELINES_REPORT = "pipelines:report"
    ALERTS_DISPATCH = "alerts:dispatch"
    USERS_MANAGE = "users:manage"


class Role(StrEnum):
    """The role of an account; each may do all that the one before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ENGINEER = "engineer"
    SUPERUSER = "superuser"


_OPERATOR = frozenset({Scope.FLEET_READ, Scope.ADDRESSES_READ, Scope.ALERTS_ACKNOWLEDGE})

SCOPES_BY_ROLE: dict[Role, frozenset[Scope]] = {
    Role.VIEWER: frozenset({Scope.FLEET_READ}),
    Role.OPERATOR: _OPERATOR,
    Role.ENGINEER: _OPERATOR | {Scope.TELEMETRY_WRITE, Scope.OUTCOMES_WRITE, Scope.DEVICES_WRITE},
    Role.SUPERUSER: frozenset(Scope),
}


def fold_email(address: str) -> str:
    """The one form of an e-mail address that is stored and compared: two capitalisations are one address."""
    return address.strip().lower()
