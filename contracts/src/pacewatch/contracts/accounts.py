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


SCOPES: dict[Scope, str] = {
    Scope.FLEET_READ: "read everything but accounts",
    Scope.ADDRESSES_READ: "see e-mail addresses, and addresses of clients",
    Scope.ALERTS_ACKNOWLEDGE: "acknowledge alerts",
    Scope.TELEMETRY_WRITE: "send readings",
    Scope.OUTCOMES_WRITE: "record and correct outcomes",
    Scope.DEVICES_WRITE: "change the register of devices",
    Scope.TRAINING_RUN: "request and cancel training",
    Scope.MODELS_MANAGE: "activate, promote, roll back and delete models",
    Scope.PIPELINES_REPORT: "report runs of pipelines",
    Scope.ALERTS_DISPATCH: "send mails of alerts again",
    Scope.USERS_MANAGE: "manage accounts and keys, and read security events",
}


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
