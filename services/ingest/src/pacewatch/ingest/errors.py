"""Errors of a whole request; errors of single rows are in the reports."""

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
    """The body is damaged, or does not match its content type."""

    code = "body_unreadable"


class BodyCompressed(Unprocessable):
    """The buffers of the Arrow stream are compressed; send them uncompressed, or send Parquet."""

    code = "body_compressed"


class BodyTooLargeInside(Unprocessable):
    """The body is too large when unpacked; send plain columns."""

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
    """The connection ended before the body was complete; send it again."""

    status, code = 400, "body_incomplete"


class UploadNotFound(NotFound):
    """There is no upload with this id."""

    code = "upload_not_found"


class UploadFinished(Conflict):
    """The upload has ended; there is nothing to cancel."""

    code = "upload_finished"


class UploadEmpty(Unprocessable):
    """The body is empty; send the file as the body."""

    code = "upload_empty"


class UploadTooLarge(PacewatchError):
    """The file is too large; upload it in parts."""

    status, code = 413, "upload_too_large"


class FileUnreadable(Unprocessable):
    """The file cannot be read in the given format."""

    code = "file_unreadable"


class FileTooLargeInside(Unprocessable):
    """A page of the file is larger than 16 MiB when unpacked; write smaller pages."""

    code = "file_too_large_inside"


class LineTooLong(Unprocessable):
    """A line is longer than 64 KiB."""

    code = "line_too_long"


class OutcomeNotFound(NotFound):
    """There is no outcome with this id."""

    code = "outcome_not_found"


class OutcomeInvalid(Unprocessable):
    """The corrected outcome is not valid; see errors."""

    code = "outcome_invalid"


class OutcomeSuperseded(Conflict):
    """This outcome was corrected already; correct the one that replaced it."""

    code = "outcome_superseded"


class OutcomeWithdrawn(Conflict):
    """This outcome is withdrawn already; to restore it, send it in `outcome`."""

    code = "outcome_withdrawn"


class OutcomeKnown(Conflict):
    """The corrected outcome is recorded already; withdraw the wrong one instead."""

    code = "outcome_known"


class RetentionTooShort(PacewatchError):
    """Current scores and labels still need readings that would be removed; keep more days."""

    status, code = 422, "retention_too_short"


class UploadAttemptsExhausted(PacewatchError):
    """Many attempts to store the upload failed; the log has the errors."""

    code = "upload_hopeless"
