"""Writes one small fleet in many ways, as people and programs write tables; what the readers say must be the same."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.tables.table import Dialect

DEVICE, SIGNALS = PACEMAKER.device_field, PACEMAKER.signal_names
FIRST_S = 1_577_880_000
DEVICES = (17, 18, 0, "0012", "12A", "A7", "1.10", "1.1", "Zürich 7")

CHOICES: dict[str, tuple[str, ...]] = {
    "format": ("csv", "ndjson", "parquet"),
    "ids": ("plain", "doubles", "texts"),
    "times": ("seconds", "doubles", "z", "offset", "naive", "spaced", "moments", "milliseconds", "day first", "digits"),
    "unit": ("s", "ms", "us", "ns"),
    "numbers": ("doubles", "singles", "texts", "decimals"),
    "texts": ("string", "large_string", "dictionary"),
    "delimiter": (",", ";", "\t", "sep=;"),
    "said": ("yes", "no"),
    "decimal": (".", ","),
    "index": ("none", "unnamed", "level", "last"),
    "names": ("plain", "upper", "alias", "spaced"),
    "gaps": ("none", "na", "dash", "empty", "null"),
    "blank": ("none", "last", "between", "delimiters"),
    "order": ("sorted", "shuffled", "reversed"),
    "lines": ("\n", "\r\n"),
    "quotes": ("few", "all"),
    "bom": ("no", "yes"),
    "encoding": ("PLAIN", "dictionary", "BYTE_STREAM_SPLIT"),
    "compression": ("none", "snappy", "zstd", "gzip"),
}


@dataclass(frozen=True)
class Way:
    """One choice of each kind."""

    format: str = "csv"
    ids: str = "plain"
    times: str = "seconds"
    unit: str = "s"
    numbers: str = "doubles"
    texts: str = "string"
    delimiter: str = ","
    said: str = "yes"
    decimal: str = "."
    index: str = "none"
    names: str = "plain"
    gaps: str = "none"
    blank: str = "none"
    order: str = "sorted"
    lines: str = "\n"
    quotes: str = "few"
    bom: str = "no"
    encoding: str = "dictionary"
    compression: str = "snappy"

    @property
    def dialect(self) -> Dialect:
        """What the sender says of a CSV."""
        if self.format != "csv" or self.said == "no":
            return Dialect()
        if self.delimiter == "sep=;":
            return Dialect(";", self.decimal)
        return Dialect(self.delimiter, self.decimal if self.delimiter != "," else ".")

    @property
    def must_be_refused(self) -> bool:
        """Whether nobody can know what is meant."""
        return self.times in {"milliseconds", "day first", "digits"}


def any_way(rng: np.random.Generator) -> Way:
    """Each choice at random."""
    return Way(**{field.name: str(rng.choice(CHOICES[field.name])) for field in fields(Way)})


def rows(devices: Sequence[Any] = DEVICES, days: int = 12) -> list[dict[str, Any]]:
    """Valid readings; values that single precision and short decimals hold exactly."""
    rng = np.random.default_rng(5)
    result = []
    for device in devices:
        for day in range(days):
            values = {
                signal.name: float(np.round(rng.uniform(signal.normal.low, signal.normal.high) * 8) / 8)
                for signal in PACEMAKER.signals
            }
            result.append({DEVICE: device, "timestamp": FIRST_S + 86_400 * day + 3_600, **values})
    return result


def outcomes(devices: Sequence[Any] = DEVICES) -> list[dict[str, Any]]:
    """A failure of every third device."""
    return [{DEVICE: device, "occurred_at": FIRST_S + 86_400 * 20} for device in devices[::3]]


def write(way: Way, folder: Path, stem: str, table: list[dict[str, Any]]) -> Path:
    """The table in this way; rows with gaps and blank rows come in addition."""
    path = folder / f"{stem}.{way.format}"
    listed = _ordered(way, [_row(way, row) for row in table])
    if way.gaps != "none" and stem == "readings":
        listed.insert(len(listed) // 2, listed[0] | {_name(way, SIGNALS[0]): _gap(way)})
    if way.index != "none" and way.index != "last":
        name = "Unnamed: 0" if way.index == "unnamed" else "__index_level_0__"
        listed = [{name: place, **row} for place, row in enumerate(listed)]
    content = {"csv": _csv, "ndjson": _ndjson, "parquet": _parquet}[way.format](way, listed)
    path.write_bytes(content)
    return path


def _row(way: Way, row: dict[str, Any]) -> dict[str, Any]:
    return {_name(way, name): _cell(way, name, value) for name, value in row.items()}


def _name(way: Way, name: str) -> str:
    if way.format == "ndjson":
        return name
    name = "device_id" if name == DEVICE and way.names == "alias" else name
    return {"upper": name.upper(), "spaced": f" {name} "}.get(way.names, name)


def _cell(way: Way, name: str, value: Any) -> Any:
    if name == DEVICE:
        number = float(value) if isinstance(value, int) and way.ids == "doubles" else value
        return str(number) if way.ids == "texts" or way.format == "parquet" else number
    if name in ("timestamp", "occurred_at"):
        return _time(way, value)
    if way.format == "csv" or (way.format == "parquet" and way.numbers == "texts"):
        text = repr(value)
        return text.replace(".", ",") if way.format == "csv" and _decimal(way) == "," else text
    return value


def _decimal(way: Way) -> str:
    return "," if way.decimal == "," and way.delimiter != "," else "."


def _time(way: Way, second: int) -> Any:
    moment = datetime.fromtimestamp(second, UTC)
    texts = {
        "z": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "offset": moment.astimezone(timezone(timedelta(hours=2))).isoformat(),
        "naive": f"{moment:%Y-%m-%dT%H:%M:%S}",
        "spaced": f"{moment:%Y-%m-%d %H:%M:%S}",
        "moments": f"{moment:%Y-%m-%d %H:%M:%S+00:00}",
        "day first": f"{moment:%d/%m/%Y %H:%M}",
        "milliseconds": second * 1_000,
        "doubles": float(second),
        "digits": int(f"{moment:%Y%m%d}"),
    }
    return texts.get(way.times, second)


def _gap(way: Way) -> Any:
    gap = {"na": "NA", "dash": "-", "empty": "", "null": None}[way.gaps]
    return None if way.format != "csv" and (way.numbers != "texts" or way.format == "ndjson") else gap


def _ordered(way: Way, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if way.order == "shuffled":
        return [listed[place] for place in np.random.default_rng(3).permutation(len(listed))]
    return listed[::-1] if way.order == "reversed" else listed


def _csv(way: Way, listed: list[dict[str, Any]]) -> bytes:
    text, delimiter = io.StringIO(), ";" if way.delimiter == "sep=;" else way.delimiter
    quoting = csv.QUOTE_ALL if way.quotes == "all" else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=way.lines)
    last = [""] if way.index == "last" else []
    writer.writerow([*listed[0], *last])
    for place, row in enumerate(listed):
        writer.writerow([*row.values(), *last])
        if place == 3 and way.blank in {"between", "delimiters"}:
            text.write(delimiter * (len(row) + len(last) - 1) * (way.blank == "delimiters") + way.lines)
    text.write(way.lines * (way.blank == "last"))
    head = f"sep={delimiter}{way.lines}" if way.delimiter == "sep=;" else ""
    return (head + text.getvalue()).encode("utf-8-sig" if way.bom == "yes" else "utf-8")


def _ndjson(way: Way, listed: list[dict[str, Any]]) -> bytes:
    lines = [json.dumps({name: value for name, value in row.items() if "index" not in name and name != "Unnamed: 0"})
             for row in listed]  # fmt: skip
    lines[3:3] = [""] * (way.blank in {"between", "delimiters"})
    text = way.lines.join(lines) + way.lines * (1 + (way.blank == "last"))
    return text.encode("utf-8-sig" if way.bom == "yes" else "utf-8")


def _parquet(way: Way, listed: list[dict[str, Any]]) -> bytes:
    table = pa.table({name: _column(way, name, [row[name] for row in listed]) for name in listed[0]})
    sink = io.BytesIO()
    uses_dictionary = way.encoding == "dictionary"
    numeric = [
        field.name for field in table.schema if pa.types.is_float64(field.type) or pa.types.is_float32(field.type)
    ]
    encodings = dict.fromkeys(numeric, way.encoding) if not uses_dictionary else None
    compression = None if way.compression == "none" else way.compression
    version = "2.0" if way.bom == "yes" else "1.0"
    options = {"compression": compression or "NONE", "data_page_version": version, "column_encoding": encodings}
    pq.write_table(table, sink, row_group_size=50, use_dictionary=uses_dictionary, **options)
    return sink.getvalue()


def _column(way: Way, name: str, values: list[Any]) -> pa.Array:
    declared = name.strip().lower()
    if declared in SIGNALS and way.numbers != "texts":
        if way.numbers == "decimals":
            return pa.array([None if one is None else Decimal(str(one)) for one in values], pa.decimal128(12, 4))
        return pa.array(values, pa.float32() if way.numbers == "singles" else pa.float64())
    if declared in ("timestamp", "occurred_at") and way.times == "moments":
        moments = pa.array([datetime.fromisoformat(one) for one in values], pa.timestamp("us", "UTC"))
        return moments.cast(pa.timestamp(way.unit, "UTC"))
    array = pa.array(values)
    if not pa.types.is_string(array.type):
        return array
    return {"large_string": lambda: array.cast(pa.large_string()), "dictionary": array.dictionary_encode}.get(
        way.texts, lambda: array
    )()
