"""What can be wrong with a request as a whole; what is wrong with single rows is in the reports."""

from pacewatch.kit.errors import Conflict, NotFound, PacewatchError, Unprocessable


class JsonInvalid(Unprocessable):
    """The body is not valid JSON in UTF-8; NaN, infinity and lone surrogates are not JSON."""

    code = "json_invalid"


class NotAnArray(Unprocessable):
    """The body must be a JSON array of objects, one per row."""

    code = "not_an_array"


class TooFewRows(Unprocessable):
    """The array is empty; send at least one row."""

    code = "too_few_rows"


class TooManyRows(Unprocessable):
    """The array has too many rows; send them in parts."""

    code = "too_many_rows"


class IdempotencyKeyReused(Conflict):
    """This Idempotency-Key was used for another request; use a new key for new rows."""

    code = "idempotency_key_reused"


class BatchNotFound(NotFound):
    """There is no batch with this id."""

    code = "batch_not_found"


class BodyIncomplete(PacewatchError):
    """The connection ended before the whole body had come; send it again."""

    status, code = 400, "body_incomplete"
