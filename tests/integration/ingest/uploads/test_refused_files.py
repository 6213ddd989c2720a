"""Files that are none of ours fail with an error code and words; hostile rows are rejected one by one."""

import gzip
import io
import zipfile

import numpy as np
import pytest
from support.ingest import Ingest, reading
from support.ingest.uploads import DEVICE, SIGNALS, columns, encoded, send, wait_until_ended, worker

FIELDS = (DEVICE, "timestamp", *SIGNALS)
GOOD_CSV = encoded(columns(100), "csv")
GOOD_PARQUET = encoded(columns(100), "parquet")
HEADER = ",".join(FIELDS).encode()


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readings.csv", content)
    return packed.getvalue()


async def test_wrong_columns_of_a_csv_are_named_in_the_error(ingest: Ingest) -> None:
    async with worker(ingest):
        upload = await wait_until_ended(
            ingest, await send(ingest, HEADER.replace(b"timestamp", b"time") + b"\n", "csv")
        )
    why = "timestamp is required; time is not a column of a reading"
    assert upload["error"] == f"the columns are not those of a reading: {why}"


SENDS_IT = "curl --data-binary @FILE '.../telemetry/uploads?format="


@pytest.mark.parametrize(
    ("kind", "body", "words", "right"),
    [
        ("csv", gzip.compress(GOOD_CSV), "this looks like gzip; send it unpacked", "csv"),
        ("ndjson", gzip.compress(b"{}"), "this looks like gzip; send it unpacked", "ndjson"),
        ("parquet", gzip.compress(GOOD_PARQUET), "this looks like gzip; send it unpacked", "parquet"),
        ("csv", zipped(GOOD_CSV), "this looks like a zip archive or an Excel workbook; send it unpacked", "csv"),
        ("csv", "a,b\n".encode("utf-16"), "this looks like UTF-16; save it as UTF-8", "csv"),
        ("ndjson", GOOD_PARQUET, "this looks like Parquet, which is another format than the request says", "parquet"),
        ("parquet", GOOD_CSV, "this does not begin as Parquet does", "parquet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_such_file_is_refused_at_once_with_the_right_command(
    ingest: Ingest, kind: str, body: bytes, words: str, right: str
) -> None:
    refused = await ingest.post(body, f"telemetry/uploads?format={kind}")
    assert (refused.status_code, refused.json()["code"]) == (415, "file_mistaken")
    assert refused.json()["detail"].startswith(words)
    assert f"{SENDS_IT}{right}'" in refused.json()["detail"]
    assert not list(ingest.spool.iterdir())


async def test_a_form_is_refused_at_once_with_the_right_command(ingest: Ingest) -> None:
    kind = "multipart/form-data; boundary=x"
    refused = await ingest.post(b"--x\r\n", "telemetry/uploads?format=csv", **{"Content-Type": kind})
    assert (refused.status_code, refused.json()["code"]) == (415, "file_mistaken")
    assert "curl --data-binary @FILE" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("parquet", GOOD_PARQUET[:-30], "the file cannot be read as parquet: it is damaged, or in another format"),
        ("csv", b"a,\xe4\n1,2\n", "the first line is not text in UTF-8; save the file as CSV in UTF-8"),
        (
            "csv",
            HEADER.replace(b",", b";") + b"\n1;2;3;4;0,5;6\n",
            "the columns are separated by semicolons and decimals are written with commas; say so with "
            "--delimiter ';' --decimal ,, or separate by commas and write decimals with points",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_file_that_is_none_of_ours_fails_with_words(ingest: Ingest, kind: str, body: bytes, words: str) -> None:
    async with worker(ingest):
        upload = await wait_until_ended(ingest, await send(ingest, body, kind))
    assert (upload["status"], upload["error_code"], upload["error"]) == ("failed", "file_unreadable", words)


@pytest.mark.parametrize("path", ["telemetry/uploads?format=csv", "telemetry/ingest", "outcomes", "devices"])
async def test_a_body_with_a_content_encoding_is_refused(ingest: Ingest, path: str) -> None:
    for encoding in ("gzip", "GZIP", "br", "a; b"):
        refused = await ingest.post(gzip.compress(GOOD_CSV), path, **{"Content-Encoding": encoding})
        assert (refused.status_code, refused.json()["code"]) == (415, "body_packed"), encoding
        assert "send it unpacked" in refused.json()["detail"]
    assert not list(ingest.spool.iterdir())
    assert (await ingest.post([reading()], **{"Content-Encoding": "identity"})).status_code == 200


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("parquet", GOOD_PARQUET[:-30], "file_unreadable"),
        ("parquet", encoded({SIGNALS[0]: [1.0]}, "parquet"), "columns_invalid"),
        ("csv", b"\xff\xf0\n1", "file_unreadable"),
        ("csv", b"\n\n\n", "file_unreadable"),
        ("csv", b"a,b,c\n1,2,3\n", "columns_invalid"),
        ("csv", HEADER + b",surprise\n", "columns_invalid"),
        ("csv", HEADER + b"," + DEVICE.encode() + b"\n", "columns_invalid"),
        ("csv", HEADER + b"\n" + b"1" * 3_000_000, "line_too_long"),
        ("ndjson", b"1" * 3_000_000, "line_too_long"),
        ("csv", b"x" * 3_000_000, "line_too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_hostile_file_fails_with_an_error_code(ingest: Ingest, kind: str, body: bytes, code: str) -> None:
    async with worker(ingest) as task:
        upload = await wait_until_ended(ingest, await send(ingest, body, kind))
        assert not task.done()
    assert (upload["status"], upload["error_code"], upload["accepted"]) == ("failed", code, 0)


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("csv", HEADER + b"\n1,\0,1,1,1,1\n9223372036854775808,1,1,1,1,1\n\n0x1F,nan,inf,1,1,1\n", 3),
        ("csv", HEADER + b"\n" + b"\n" * 9_999, 0),
        ("csv", HEADER + b'\n"1,1,1,1,1,1\n2,1,1,1,1,1\n', 2),
        ("csv", HEADER + b"\n\xff\xfe,1,1,1,1,1\n1,1,1,1,1,1,1,1\r1\n", 2),
        ("ndjson", GOOD_PARQUET[4:], GOOD_PARQUET.count(b"\n") + (not GOOD_PARQUET.endswith(b"\n"))),
        ("ndjson", b'{"a\\u0000": 1}\n[]\nNaN\n{"a": "\\ud800"}\n{"x": 1, "x": 2}\n{}', 6),
    ],
)
async def test_hostile_rows_are_rejected_row_by_row(ingest: Ingest, kind: str, body: bytes, expected: int) -> None:
    async with worker(ingest) as task:
        upload = await wait_until_ended(ingest, await send(ingest, body, kind))
        assert not task.done()
    assert (upload["status"], upload["rejected"], upload["accepted"]) == ("done", expected, 0)


async def test_an_upload_with_damaged_bytes_anywhere_ends_as_done_or_failed(ingest: Ingest) -> None:
    rng = np.random.default_rng(7)
    async with worker(ingest) as task:
        for _ in range(25):
            body = bytearray(GOOD_PARQUET)
            for place in rng.integers(0, len(body), 5):
                body[place] = rng.integers(0, 256)
            upload = await wait_until_ended(ingest, await send(ingest, bytes(body), "parquet"))
            assert upload["status"] in {"done", "failed"}
            assert not task.done()
