"""Types a column of times: whole Unix seconds, or what says clearly which moment it is.

Nothing is guessed: 11/06/2017 is refused unless its format is given, and so is a number that looks like milliseconds
or like the digits of a date.
"""

import re
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.kit.tables.values import cells
from pacewatch.kit.tables.values.faults import Fault, Faults, no_faults

FRACTIONS_DROPPED: Final = "fractions of seconds were dropped"
READ_AS_UTC: Final = "times without a zone were read as UTC"

_WHOLE: Final = r"^-?[0-9]{1,18}([.]0*)?$"
_DECIMAL: Final = r"^-?[0-9]{1,18}[.][0-9]+$"
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ISO: Final = rf"^{_DATE}([Tt ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}([.,][0-9]{{1,9}})?)?)?"
_ZONE: Final = r" ?([Zz]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$"
_AMBIGUOUS: Final = r"^[0-9]{1,2}[/. -][0-9]{1,2}[/. -]([0-9]{4}|[0-9]{2})([ ,T].*)?$"
# Numbers from these on are more than the year 5138 in seconds.
_UNITS: Final = ((Fault.MILLISECONDS, 1e11), (Fault.MICROSECONDS, 1e14), (Fault.NANOSECONDS, 1e17))
_UNITS_PER_S: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_YEARS: Final = (1900, 2100)


def times_of(
    array: pa.Array, time_format: str = "", *, digits_allowed: bool = True
) -> tuple[Ints, Faults, dict[str, int]]:
    """The times in Unix seconds, faults, and how many were read in a way that people should know.

    `time_format` is that of texts, as in strptime. `digits_allowed`: a text of digits is a number, as in a CSV.
    """
    kind = array.type
    if time_format and pa.types.is_integer(kind):
        return _in_format(array.cast(pa.string()), time_format)
    if cells.is_number(kind):
        return (*_of_numbers(cells.doubles(array)), {})
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _of_moments(array)
    if cells.is_text(kind):
        return _of_texts(array, time_format, digits_allowed)
    faults = np.where(cells.nulls(array), Fault.GAP, Fault.NO_TIME).astype(np.uint8)
    return np.zeros(len(array), dtype=np.int64), faults, {}


def _of_numbers(values: Floats) -> tuple[Ints, Faults]:
    faults = no_faults(len(values))
    faults[values != np.floor(values)] = Fault.TIME_FRACTION
    for fault, least in _UNITS:
        faults[np.abs(values) >= least] = fault
    faults[_are_digits_of_dates(values)] = Fault.DIGITS_OF_DATE
    faults[np.isnan(values)] = Fault.GAP
    return np.where(faults == 0, values, 0).astype(np.int64), faults


def _are_digits_of_dates(values: Floats) -> Bools:
    """Which numbers read as YYYYMMDD, or with hours, minutes and seconds behind it."""
    result = np.zeros(len(values), dtype=np.bool_)
    for times in ((), (24, 60), (24, 60, 60)):
        scale = 100 ** len(times)
        near = (values >= 19000101 * scale) & (values < 21010000 * scale)
        if near.any():
            result[near] |= _reads_as_date(values[near].astype(np.int64), times)
    return result


def _reads_as_date(numbers: Ints, times: tuple[int, ...]) -> Bools:
    fits = np.ones(len(numbers), dtype=np.bool_)
    for most in reversed(times):
        fits &= numbers % 100 < most
        numbers = numbers // 100
    day, month = numbers % 100, numbers // 100 % 100
    return fits & (day >= 1) & (day <= 31) & (month >= 1) & (month <= 12)


def _of_moments(array: pa.Array) -> tuple[Ints, Faults, dict[str, int]]:
    if pa.types.is_date(array.type):
        array = array.cast(pa.timestamp("s", tz="UTC") if pa.types.is_date32(array.type) else pa.timestamp("ms", "UTC"))
    is_null = cells.nulls(array)
    faults = np.where(is_null, Fault.GAP, Fault.NONE).astype(np.uint8)
    units = np.array(pc.fill_null(array.cast(pa.int64()), 0).to_numpy(zero_copy_only=False), dtype=np.int64)
    per_s = _UNITS_PER_S[array.type.unit]
    seconds = units // per_s
    notes = {FRACTIONS_DROPPED: int((units != seconds * per_s).sum())}
    if array.type.tz is None:
        notes[READ_AS_UTC] = int((~is_null).sum())
    return seconds, faults, notes


def _of_texts(texts: pa.Array, time_format: str, digits_allowed: bool) -> tuple[Ints, Faults, dict[str, int]]:
    if time_format:
        return _in_format(texts, time_format)
    bare, is_gap = cells.trimmed(texts)
    result, faults = np.zeros(len(texts), dtype=np.int64), np.full(len(texts), Fault.NO_TIME, dtype=np.uint8)
    notes = dict[str, int]()
    if digits_allowed:
        is_number = cells.matches(bare, _WHOLE) | cells.matches(bare, _DECIMAL)
        if is_number.any():
            values = cells.doubles(pc.cast(bare.filter(pa.array(is_number)), pa.float64()))
            result[is_number], faults[is_number] = _of_numbers(values)
    has_zone = cells.matches(bare, _ISO + _ZONE)
    is_naive = cells.matches(bare, _ISO + "$")
    for rows, zone in ((has_zone, True), (is_naive, False)):
        if rows.any():
            result[rows], faults[rows], dropped = _of_iso(bare.filter(pa.array(rows)), zone)
            notes[FRACTIONS_DROPPED] = notes.get(FRACTIONS_DROPPED, 0) + dropped
    notes[READ_AS_UTC] = int((is_naive & (faults == 0)).sum())
    faults[cells.matches(bare, _AMBIGUOUS)] = Fault.TIME_AMBIGUOUS
    faults[is_gap] = Fault.GAP
    return result, faults, notes


def _of_iso(texts: pa.Array, has_zone: bool) -> tuple[Ints, Faults, int]:
    """Texts that look like ISO 8601; also how many have a fraction of a second."""
    plain = pc.replace_substring_regex(pc.utf8_upper(texts), r" ?(UTC|GMT)$", "Z")
    plain = pc.replace_substring(pc.replace_substring_regex(plain, r" ([+Z-])", r"\1"), ",", ".")
    try:
        moments = pc.cast(plain, pa.timestamp("ns", "UTC") if has_zone else pa.timestamp("ns"))
        nanoseconds = np.array(moments.cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)
        seconds = nanoseconds // 10**9
        return seconds, no_faults(len(texts)), int((nanoseconds != seconds * 10**9).sum())
    except pa.ArrowInvalid:  # there is no such day, or a date without a time has a zone
        return _one_by_one(plain.to_pylist())


def _one_by_one(texts: list[str]) -> tuple[Ints, Faults, int]:
    seconds, faults, dropped = np.zeros(len(texts), dtype=np.int64), no_faults(len(texts)), 0
    for place, text in enumerate(texts):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            faults[place] = Fault.NO_TIME
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds[place] = int(moment.replace(microsecond=0).timestamp())
        dropped += moment.microsecond > 0
    return seconds, faults, dropped


def check_format(time_format: str) -> None:
    """ValueError if no time can be written and read in this format."""
    try:
        datetime.strptime(datetime(2026, 1, 31, tzinfo=UTC).strftime(time_format), time_format)  # noqa: DTZ007
    except (ValueError, re.error):
        raise ValueError(f"{time_format!r} is no format of a time; one is '%d/%m/%Y %H:%M'") from None


def _in_format(texts: pa.Array, time_format: str) -> tuple[Ints, Faults, dict[str, int]]:
    bare, is_gap = cells.trimmed(texts)
    coded = bare.dictionary_encode()
    found = [_parsed(text, time_format) for text in coded.dictionary.to_pylist()]
    places = np.asarray(pc.fill_null(coded.indices, 0).to_numpy(zero_copy_only=False))
    seconds = np.array([second or 0 for second, _ in found] or [0], dtype=np.int64)[places]
    is_wrong = np.array([second is None for second, _ in found] or [True])[places]
    faults = np.where(is_wrong, Fault.TIME_FORMAT, Fault.NONE).astype(np.uint8)
    faults[is_gap] = Fault.GAP
    naive = np.array([is_naive for _, is_naive in found] or [False])[places]
    return seconds, faults, {READ_AS_UTC: int((naive & (faults == 0)).sum())}


def _parsed(text: str, time_format: str) -> tuple[int | None, bool]:
    """The second, None if the text is not in the format; whether it has no zone."""
    try:
        moment = datetime.strptime(text, time_format)  # noqa: DTZ007 - a time without a zone is UTC
    except ValueError:
        return None, False
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 1), moment.tzinfo is None
