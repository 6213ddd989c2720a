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


class BodyUnreadable(Unprocessable):
    """The body is not what its content type says, or is damaged."""

    code = "body_unreadable"


class BodyCompressed(Unprocessable):
    """The Arrow stream is compressed inside; send its buffers as they are, or send Parquet."""

    code = "body_compressed"


class BodyTooLargeInside(Unprocessable):
    """Unpacked, the body is larger than so few rows can be; send plain columns."""

    code = "body_too_large_inside"


class ColumnsInvalid(Unprocessable):
    """The columns are not those of a reading; see errors."""

    code = "columns_invalid"


class IdempotencyKeyReused(Conflict):
    """This Idempotency-Key was used for another request; use a new key for new rows."""

    code = "idempotency_key_reused"


class BatchNotFound(NotFound):
    """There is no batch with this id."""

    code = "batch_not_found"


class BodyIncomplete(PacewatchError):
    """The connection ended before the whole body had come; send it again."""

    status, code = 400, "body_incomplete"


class UploadNotFound(NotFound):
    """There is no upload with this id."""

    code = "upload_not_found"


class UploadFinished(Conflict):
    """The upload is over; there is nothing left to cancel."""

    code = "upload_finished"


class UploadEmpty(Unprocessable):
    """The body is empty; send the file as it is."""

    code = "upload_empty"


class UploadTooLarge(PacewatchError):
    """The file is too large; upload it in parts."""

    status, code = 413, "upload_too_large"


class FileUnreadable(Unprocessable):
    """The file cannot be read as what it is said to be."""

    code = "file_unreadable"


class FileTooLargeInside(Unprocessable):
    """A page of the file is larger than 16 MiB, unpacked; write smaller pages."""

    code = "file_too_large_inside"


class LineTooLong(Unprocessable):
    """A line has no end within 64 KiB; a row is not that long."""

    code = "line_too_long"


class OutcomeNotFound(NotFound):
    """There is no outcome with this id."""

    code = "outcome_not_found"


class OutcomeInvalid(Unprocessable):
    """The outcome that is said to be right cannot be; see errors."""

    code = "outcome_invalid"


class OutcomeSuperseded(Conflict):
    """This outcome was corrected already; correct the one that stands in its place."""

    code = "outcome_superseded"


class OutcomeWithdrawn(Conflict):
    """This outcome is withdrawn already; say in `outcome` what is right if it was not wrong after all."""

    code = "outcome_withdrawn"


class OutcomeKnown(Conflict):
    """Another outcome on record says just this; withdraw the wrong one instead."""

    code = "outcome_known"


class RetentionTooShort(PacewatchError):
    """Scores and labels of today would still need what is to be removed; keep more days."""

    status, code = 422, "retention_too_short"
