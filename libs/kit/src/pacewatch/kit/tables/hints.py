"""Says in words what is wrong with a body or file that is none of ours, for people: what it looks like, what to do."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

# First bytes of what people send by mistake.
_PACKED: Final[Mapping[bytes, str]] = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
}
_OTHERS: Final[Mapping[bytes, str]] = {
    **{start: f"{name}; send it unpacked" for start, name in _PACKED.items()},
    b"PK\x03\x04": "a zip archive or an Excel workbook; send it unpacked, or saved as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as CSV",
    b"PAR1": "Parquet, which is another format than the request says",
    b"\xff\xfe": "UTF-16; save it as UTF-8",
    b"\xfe\xff": "UTF-16; save it as UTF-8",
}
HEAD_BYTES: Final = 16
PARQUET: Final = b"PAR1"
_DELIMITERS: Final = {";": "semicolons", "\t": "tabs", "|": "vertical bars", ",": "commas"}
_DECIMAL_COMMA: Final = re.compile(r"(^|\s)-?\d{1,20},\d{1,20}(\s|$)", re.ASCII)
_MAX_NAME_LENGTH: Final = 40
# An error message names at most so many columns: a file may have any number.
_MAX_NAMED: Final = 8
_PLURALS: Final = {
    "is not a column": "are not columns",
    "is ": "are ",
    "comes ": "come ",
    "must be a column": "must be columns",
}


def mistaken_for(head: bytes) -> str:
    """What the first bytes of a text look like, and what to do; empty if they may be text."""
    return next((f"this looks like {what}" for start, what in _OTHERS.items() if head.startswith(start)), "")


def other_delimiter(header: str, first_row: str, delimiter: str) -> str:
    """What separates the columns of a header without the delimiter, and what to do; empty if nothing known does."""
    for char, name in _DELIMITERS.items():
        if char in header and delimiter not in header:
            written, option = f"the columns are separated by {name}", f"--delimiter '{char}'".replace("\t", "\\t")
            if _DECIMAL_COMMA.search(first_row.replace(char, " ")):
                written, option = f"{written} and decimals are written with commas", f"{option} --decimal ,"
            other = "" if char == "," else ", or separate by commas and write decimals with points"
            return f"{written}; say so with {option}{other}"
    return ""


def printable(name: str) -> str:
    """A field name that a client sent, shortened and without unprintable characters."""
    return "".join(char if char.isprintable() else "?" for char in name[:_MAX_NAME_LENGTH])


def sentences(faults: Iterable[tuple[str, str]]) -> str:
    """Names of columns and what is wrong with each, as `a and b are required; c is not a column of a reading`."""
    names: dict[str, list[str]] = {}
    for name, fault in faults:
        names.setdefault(fault, []).append(name or '""')
    return "; ".join(f"{_listed(named)} {_plural(fault) if named[1:] else fault}" for fault, named in names.items())


def _listed(names: Sequence[str]) -> str:
    if len(names) > _MAX_NAMED:
        return f"{', '.join(names[:_MAX_NAMED])} and {len(names) - _MAX_NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _plural(fault: str) -> str:
    for singular, plural in _PLURALS.items():
        if fault.startswith(singular):
            return plural + fault.removeprefix(singular)
    return fault
