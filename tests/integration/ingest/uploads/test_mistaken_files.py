"""Files and bodies that are something else than they should be are refused in words for people."""

import gzip
import io
import zipfile

import pytest
from support.ingest import Ingest, reading
from support.ingest.uploads import columns, encoded, send, wait_until_ended, worker

GOOD_CSV = encoded(columns(100), "csv")
GOOD_PARQUET = encoded(columns(100), "parquet")
HEADER = GOOD_CSV.partition(b"\n")[0]


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readings.csv", content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("csv", gzip.compress(GOOD_CSV), "this looks like gzip; send it unpacked"),
        ("ndjson", gzip.compress(b"{}"), "this looks like gzip; send it unpacked"),
        ("parquet", gzip.compress(GOOD_PARQUET), "this looks like gzip; send it unpacked"),
        (
            "csv",
            zipped(GOOD_CSV),
            "this looks like a zip archive or an Excel workbook; send it unpacked, or saved as CSV",
        ),
        ("csv", "a,b\n".encode("utf-16"), "this looks like UTF-16; save it as UTF-8"),
        ("ndjson", GOOD_PARQUET, "this looks like Parquet, which is another format than the request says"),
        ("parquet", GOOD_CSV, "the file cannot be read as parquet: it is damaged, or in another format"),
        ("parquet", GOOD_PARQUET[:-30], "the file cannot be read as parquet: it is damaged, or in another format"),
        ("csv", b"a,\xe4\n1,2\n", "the first line is not text in UTF-8; save the file as CSV in UTF-8"),
        (
            "csv",
            HEADER.replace(b",", b";") + b"\n",
            "the columns are separated by semicolons; separate them by commas, and write decimals with points",
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
