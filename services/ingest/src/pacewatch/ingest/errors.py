"""Errors of a whole request; errors of single rows are in the reports."""

from pacewatch.kit.errors import Conflict, Forbidden, NotFound, PacewatchError, TooManyRequests, Unprocessable
from pacewatch.kit.tables.errors import ColumnsInvalid, FileMistaken, FileTooLargeInside, FileUnreadable, LineTooLong

# Of whole files and tables, which the report reads as well.
FILE_ERRORS = (ColumnsInvalid, FileMistaken, FileTooLargeInside, FileUnreadable, LineTooLong)


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


class BodyTooCostly(Unprocessable):
    """Reading the body failed, or took more time or memory than any batch of readings needs; send plain columns."""

    code = "body_too_costly"


class TooManyValues(Unprocessable):
    """The body has far more values than an array of rows; send one value for each field."""

    code = "too_many_values"


class ParserBusy(TooManyRequests):
    """Too many bodies are waiting to be read; send it again in a moment, or send JSON."""

    code, retry_after_s = "parser_busy", 1


class QuotaExceeded(TooManyRequests):
    """You have sent as much as a sender may in a day; continue after midnight UTC."""

    code = "quota_exceeded"


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


class TooManyUploads(TooManyRequests):
    """You have too many uploads that have not ended; wait until one has."""

    code, retry_after_s = "too_many_uploads", 30


class SpoolFull(PacewatchError):
    """The disk of uploaded files is full: an operator must make room; then send the file again."""

    status, code = 507, "spool_full"


class FileTooCostly(Unprocessable):
    """Reading the file failed, or took more time or memory than any file of readings needs; write plain columns."""

    code = "file_too_costly"


class FileHopeless(Unprocessable):
    """Nearly all rows so far are invalid; see the rejects, correct the file and upload it again."""

    code = "file_hopeless"


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


class DeviceNotRegistered(NotFound):
    """The register has nothing about this device."""

    code = "device_not_registered"


class DeviceNotAllowed(Forbidden):
    """This key is bound to other devices."""

    code = "device_not_allowed"
    # As a security event of the same name, with the device.
    is_recorded = True


class AttributesInvalid(Unprocessable):
    """The change of the device is not valid; see errors."""

    code = "attributes_invalid"


class RetentionTooShort(PacewatchError):
    """Current scores and labels still need readings that would be removed; keep more days."""

    status, code = 422, "retention_too_short"


class OptionsInvalid(Unprocessable):
    """The options do not fit together; see the message."""

    code = "options_invalid"


class UploadAttemptsExhausted(PacewatchError):
    """Many attempts to store the upload failed; the log has the errors."""

    code = "upload_hopeless"
