"""Errors of a whole file or body that is to be read as a table."""

from pacewatch.kit.errors import PacewatchError, Unprocessable


class FileUnreadable(Unprocessable):
    """The file cannot be read in the given format."""

    code = "file_unreadable"


class FileTooLargeInside(Unprocessable):
    """The file, or a page of it, is far larger when unpacked; write pages of 1 MiB or row groups of 100,000 rows."""

    code = "file_too_large_inside"


class LineTooLong(Unprocessable):
    """A line is longer than 64 KiB."""

    code = "line_too_long"


class ColumnsInvalid(Unprocessable):
    """The columns are not those of the table; see errors."""

    code = "columns_invalid"


class FileMistaken(PacewatchError):
    """The body is no file that this address takes."""

    status, code = 415, "file_mistaken"
