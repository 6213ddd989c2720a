"""Errors with an HTTP status and a code; `kit.http.problems` turns them into responses."""

import inspect
from collections.abc import Sequence
from uuid import UUID

from pacewatch.contracts.base import FieldError


class PacewatchError(Exception):
    """An error that the caller can act on."""

    # Subclasses set these; the docstring of a subclass is its default message.
    status: int = 500
    code: str = "internal_error"
    # Sent as Retry-After, unless it is 0.
    retry_after_s: int = 0
    # Whether who raises it writes the security event of the refusal, with more than its route.
    is_recorded: bool = False

    def __init__(self, message: str = "", *, errors: Sequence[FieldError] = (), **extra: object) -> None:
        self.message = message or inspect.getdoc(type(self)) or self.code
        self.errors = tuple(errors)
        self.extra = extra
        super().__init__(self.message)


class NotFound(PacewatchError):
    """The requested object does not exist."""

    status, code = 404, "not_found"


class Conflict(PacewatchError):
    """The request conflicts with the current state."""

    status, code = 409, "conflict"


class Unprocessable(PacewatchError):
    """The request is well formed but cannot be carried out."""

    status, code = 422, "unprocessable"


class Unauthorized(PacewatchError):
    """Log in at /api/v1/auth/login and send the token as `Authorization: Bearer ...`."""

    status, code = 401, "unauthorized"


class Forbidden(PacewatchError):
    """Your role does not allow this."""

    status, code = 403, "forbidden"


class SecondFactorRequired(Forbidden):
    """Superusers need a second factor here: set yours up first, with POST /api/v1/auth/totp."""

    code = "second_factor_required"


class TooManyRequests(PacewatchError):
    """You send more than one sender may; wait as long as Retry-After says."""

    status, code, retry_after_s = 429, "too_many_requests", 60


class TooSlow(PacewatchError):
    """The answer takes too long, because of what was asked or because the server is busy; ask for less, or again."""

    status, code, retry_after_s = 503, "too_slow", 5


class StorageFull(PacewatchError):
    """The database's disk is full, and nothing was stored: an operator must make room; then send it again."""

    status, code = 507, "storage_full"


class Unavailable(PacewatchError):
    """A server that this service needs does not answer; try again in a moment."""

    status, code = 503, "unavailable"


class ConfigurationError(Exception):
    """The settings are incomplete or contradict each other; the message lists every problem."""


class PublishError(Exception):
    """The bus did not confirm every event; the others may or may not have arrived. Publish again with the same ids.

    `confirmed` has the ids of the confirmed events: one event that cannot be published must not block the others.
    `held` has the types of which no event can be published now.
    """

    def __init__(
        self, message: str, confirmed: frozenset[UUID] = frozenset(), held: frozenset[str] = frozenset()
    ) -> None:
        self.confirmed = confirmed
        self.held = held
        super().__init__(message)
