"""Permissions: a role is a set of scopes; an API key carries its scopes itself."""

from enum import StrEnum


class Scope(StrEnum):
    """One permission; every endpoint requires exactly one."""

    FLEET_READ = "fleet:read"
    ALERTS_ACKNOWLEDGE = "alerts:acknowledge"
    TELEMETRY_WRITE = "telemetry:write"
    OUTCOMES_WRITE = "outcomes:write"
    TRAINING_RUN = "training:run"
    MODELS_MANAGE = "models:manage"
    PIPELINES_REPORT = "pipelines:report"
    ALERTS_DISPATCH = "alerts:dispatch"
    USERS_MANAGE = "users:manage"


class Role(StrEnum):
    """The role of an account."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    SUPERUSER = "superuser"


SCOPES_BY_ROLE: dict[Role, frozenset[Scope]] = {
    Role.VIEWER: frozenset({Scope.FLEET_READ}),
    Role.OPERATOR: frozenset({Scope.FLEET_READ, Scope.ALERTS_ACKNOWLEDGE}),
    Role.SUPERUSER: frozenset(Scope),
}
