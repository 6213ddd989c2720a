"""A batch as Parquet or Arrow has the same result as in JSON, and a hostile one is refused with an error code."""

import gzip
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.ingest import NOW_S, Ingest, reading

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import ignored_columns

DEVICE, SIGNAL = PACEMAKER.device_field, PACEMAKER.signal_names[0]
PARQUET, ARROW = "application/vnd.apache.parquet", "application/vnd.apache.arrow.stream"


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def arrow(table: pa.Table, compression: str | None = None) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as stream:
        stream.write_table(table, max_chunksize=3)
    return sink.getvalue()


FORMATS = {PARQUET: parquet, ARROW: arrow}


def table(count: int = 3, **columns: Any) -> pa.Table:
    """Valid rows, with these columns replaced or added."""
    good = pa.Table.from_pylist([reading(device) for device in range(count)]).to_pydict()
    return pa.table(good | columns)


async def test_every_format_stores_the_same_rows_and_returns_the_same_report(ingest: Ingest) -> None:
    extras = dict.fromkeys(ignored_columns(PACEMAKER)[:2], 0.5)
    rows = [reading(device, NOW_S - device, **extras) for device in range(2_000)]
    rows[3] |= {SIGNAL: None}
    rows[4] |= {SIGNAL: 1e9}
    rows[5] |= {DEVICE: 2**52}
    rows[6] |= {DEVICE: -1, "timestamp": NOW_S + 9_999}
    rows[7] |= {"timestamp": None}
    rows[9] = rows[8] | {SIGNAL: 600.0}
    reports, stored = [], []
    send: dict[str, Any] = {"application/json": lambda _: rows} | FORMATS
    for media_type, encode in send.items():
        await ingest.empty()
        await ingest.accepted([reading(10, NOW_S - 10), reading(11, NOW_S - 11, **{SIGNAL: 700})])
        answer = await ingest.post(encode(pa.Table.from_pylist(rows)), **{"Content-Type": media_type})
        assert answer.status_code == 200, answer.text
        reports.append({key: value for key, value in answer.json().items() if key != "batch_id"})
        stored.append(await ingest.sql(f'SELECT device_id, timestamp_s, "{SIGNAL}" FROM ingest.readings ORDER BY 1, 2'))
    assert reports[0] == reports[1] == reports[2]
    assert stored[0] == stored[1] == stored[2]
    assert (reports[0]["accepted"], reports[0]["duplicates"], reports[0]["rejected"]) == (1_992, 3, 5)
    assert reports[0]["ignored_columns"] == list(extras)


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize(
    ("field", "values", "code"),
    [
        ("surprise\0", [1, 2, 3], "unknown_field"),
        (DEVICE, [True, False, True], "wrong_type"),
        (SIGNAL, [True, False, True], "wrong_type"),
        (SIGNAL, [None, None, None], "wrong_type"),
        (SIGNAL, [[1.0], [2.0], [3.0]], "wrong_type"),
        (SIGNAL, [datetime.fromtimestamp(NOW_S, UTC)] * 3, "wrong_type"),
        ("timestamp", [b"1", b"2", b"3"], "wrong_type"),
    ],
)
async def test_a_wrong_column_is_reported_once(
    ingest: Ingest, media_type: str, field: str, values: Any, code: str
) -> None:
    body = FORMATS[media_type](table(**{field: values}))
    answer = await ingest.post(body, **{"Content-Type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (422, "columns_invalid")
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field.replace("\0", "?"), code)]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        (SIGNAL, ["500", " 501", "502.5 "]),
        (SIGNAL, [Decimal("500.0"), Decimal("501.0"), Decimal("502.5")]),
        (SIGNAL, pa.array(["500", "501", "502.5"]).dictionary_encode()),
        (SIGNAL, pa.array(["500", "501", "502.5"], pa.large_string())),
        (SIGNAL, pa.array(np.array([500, 501, 502.5], np.float16))),
        ("timestamp", [float(NOW_S)] * 3),
        ("timestamp", [datetime.fromtimestamp(NOW_S, UTC)] * 3),
        ("timestamp", pa.array([NOW_S * 10**9] * 3, pa.timestamp("ns"))),
        ("timestamp", [f"{datetime.fromtimestamp(NOW_S, UTC):%Y-%m-%dT%H:%M:%SZ}"] * 3),
        (DEVICE, [Decimal(0), Decimal(1), Decimal(2)]),
        (DEVICE, [0.0, 1.0, 2.0]),
        (DEVICE, ["0", "1", "2.0"]),
    ],
)
@pytest.mark.parametrize("media_type", FORMATS)
async def test_the_same_values_in_other_types_are_the_same_rows(
    ingest: Ingest, media_type: str, field: str, values: Any
) -> None:
    plain = table(**{SIGNAL: [500.0, 501.0, 502.5]})
    body = FORMATS[media_type](pa.table(plain.to_pydict() | {field: values}))
    answer = await ingest.post(body, **{"Content-Type": media_type})
    assert (answer.status_code, answer.json()["errors"]) == (200, []), answer.text
    query = f'SELECT device_id, timestamp_s, "{SIGNAL}" AS value FROM ingest.readings ORDER BY 1'
    stored = [tuple(row) for row in await ingest.sql(query)]
    assert stored == [(place, NOW_S, value) for place, value in enumerate([500.0, 501.0, 502.5])]


@pytest.mark.parametrize("media_type", FORMATS)
async def test_missing_and_repeated_columns_are_reported(ingest: Ingest, media_type: str) -> None:
    good = table()
    columns = [good[name] for name in (DEVICE, "timestamp", "timestamp")]
    body = FORMATS[media_type](pa.Table.from_arrays(columns, [DEVICE, "timestamp", "timestamp"]))
    errors = (await ingest.post(body, **{"Content-Type": media_type})).json()["errors"]
    assert ("timestamp", "repeated_field") in {(error["field"], error["code"]) for error in errors}
    assert {error["field"] for error in errors if error["code"] == "missing"} == set(PACEMAKER.signal_names)


@pytest.mark.parametrize("media_type", FORMATS)
async def test_numbers_out_of_range_are_reported_by_row(ingest: Ingest, media_type: str) -> None:
    signals = [float("nan"), float("inf"), 500.0]
    body = FORMATS[media_type](table(**{SIGNAL: signals, DEVICE: pa.array([1, 2, 2**64 - 1], pa.uint64())}))
    answer = await ingest.post(body, **{"Content-Type": media_type})
    reported = [(error["row"], error["field"], error["code"]) for error in answer.json()["errors"]]
    assert reported == [(0, SIGNAL, "missing"), (1, SIGNAL, "out_of_range"), (2, DEVICE, "out_of_range")]


@pytest.mark.parametrize(
    ("media_type", "body", "code"),
    [
        (PARQUET, b"", "body_unreadable"),
        (ARROW, b"", "body_unreadable"),
        (PARQUET, b"PAR1" + b"\0" * 64 + b"PAR1", "body_unreadable"),
        (PARQUET, parquet(table())[:-30], "body_unreadable"),
        (ARROW, arrow(table())[:-100], "body_unreadable"),
        (ARROW, arrow(table(2_000), "zstd"), "body_compressed"),
        (PARQUET, parquet(table()[:0]), "too_few_rows"),
        (ARROW, arrow(table()[:0]), "too_few_rows"),
        (PARQUET, parquet(table(2_001)), "too_many_rows"),
        (ARROW, arrow(table(2_001)), "too_many_rows"),
        (PARQUET, parquet(pa.table({SIGNAL: np.zeros(20_000_000)})), "too_many_rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_body_that_is_not_a_table_is_refused(ingest: Ingest, media_type: str, body: bytes, code: str) -> None:
    answer = await ingest.post(body, **{"Content-Type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await ingest.get("telemetry/batches"))["total"] == 0


@pytest.mark.parametrize("media_type", FORMATS)
async def test_damaged_bytes_anywhere_get_a_200_or_422(ingest: Ingest, media_type: str) -> None:
    body, rng = FORMATS[media_type](table(50)), np.random.default_rng(7)
    for _ in range(150):
        damaged = bytearray(body)
        for place in rng.integers(0, len(body), 4):
            damaged[place] = rng.integers(0, 256)
        answer = await ingest.post(bytes(damaged), **{"Content-Type": media_type})
        assert answer.status_code in {200, 422}, answer.text


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.apache.parquet"])
async def test_a_packed_body_is_named(ingest: Ingest, kind: str) -> None:
    refused = await ingest.post(gzip.compress(b"[]"), **{"Content-Type": kind})
    assert (refused.status_code, refused.json()["detail"]) == (422, "this looks like gzip; send it unpacked")
