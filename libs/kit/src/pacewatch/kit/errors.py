"""One base for everything that can go wrong on purpose, so that one place can turn it into an answer."""

import inspect
from collections.abc import Sequence
from uuid import UUID

from pacewatch.contracts.base import FieldError


class PacewatchError(Exception):
    """Something went wrong that the caller can do something about."""

    # A subclass sets these; its docstring is the default message.
    status: int = 500
    code: str = "internal_error"

    def __init__(self, message: str = "", *, errors: Sequence[FieldError] = (), **extra: object) -> None:
        self.message = message or inspect.getdoc(type(self)) or self.code
        self.errors = tuple(errors)
        self.extra = extra
        super().__init__(self.message)


class NotFound(PacewatchError):
    """There is no such thing here."""

    status, code = 404, "not_found"


class Conflict(PacewatchError):
    """This contradicts what is already so."""

    status, code = 409, "conflict"


class Unprocessable(PacewatchError):
    """The request is well formed and still cannot be carried out."""

    status, code = 422, "unprocessable"


class Unauthorized(PacewatchError):
    """Log in at /api/v1/auth/login and send the token as `Authorization: Bearer ...`."""

    status, code = 401, "unauthorized"


class Forbidden(PacewatchError):
    """Your role does not allow this."""

    status, code = 403, "forbidden"


class Unavailable(PacewatchError):
    """A server this service needs does not answer; try again in a moment."""

    status, code = 503, "unavailable"


class ConfigurationError(Exception):
    """The settings are incomplete or contradict each other; the message lists everything wrong at once."""


class PublishError(Exception):
    """The bus did not confirm a publish; it may or may not have it. Send again with the same id.

    `confirmed` are the ids of those in the same batch that are safe: one stuck event must not hold up the others.
    """

    def __init__(self, message: str, confirmed: frozenset[UUID] = frozenset()) -> None:
        self.confirmed = confirmed
        super().__init__(message)
