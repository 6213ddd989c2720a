"""The unpacked size of Parquet pages is known before unpacking, for any writer, also if the footer is forged."""

import io
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.ingest import Ingest, reading
from support.ingest.forged_parquet import forged
from support.ingest.uploads import send, wait_until_ended, worker

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.telemetry.rules import rules_of
from pacewatch.kit.tables.files.guards.parquet import page_sizes

PARQUET = "application/vnd.apache.parquet"
ROWS = 30_000
TABLE = pa.table({name: np.random.default_rng(7).permutation(ROWS) * value for name, value in reading().items()})


def by_arrow(**options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(TABLE, sink, **options)
    return sink.getvalue()


def by_polars(**options: Any) -> bytes:
    sink = io.BytesIO()
    pl.DataFrame(pl.from_arrow(TABLE)).write_parquet(sink, **options)
    return sink.getvalue()


PLAIN = partial(by_arrow, use_dictionary=False)


@pytest.mark.parametrize(
    "write",
    [
        *(partial(PLAIN, compression=kind) for kind in ("none", "snappy", "gzip", "zstd", "brotli")),
        partial(PLAIN, data_page_version="2.0", row_group_size=7_000),
        partial(PLAIN, use_byte_stream_split=list(PACEMAKER.signal_names)),
        partial(PLAIN, write_page_checksum=True, write_page_index=True, data_page_size=5_000),
        by_arrow,
        by_polars,
        partial(by_polars, compression="uncompressed", row_group_size=9_000, data_page_size=4_000),
    ],
)
def test_page_sizes_of_usual_writers_add_up_to_their_footers(write: Callable[[], bytes]) -> None:
    file = write()
    metadata = pq.ParquetFile(io.BytesIO(file)).metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    claimed = sum(group.column(place).total_uncompressed_size for group in groups for place in range(group.num_columns))
    sizes = list(page_sizes(io.BytesIO(file), metadata, frozenset(rules_of(PACEMAKER).columns().names)))
    assert 0.95 * claimed < sum(sizes) <= 1.05 * claimed


@pytest.mark.parametrize("renamed", [False, True])
async def test_a_page_that_unpacks_to_more_than_the_footer_claims_is_refused(ingest: Ingest, renamed: bool) -> None:
    body = forged(3_000_000, claimed_rows=2_000, renamed=renamed)
    answer = await ingest.post(body, **{"Content-Type": PARQUET})
    assert (answer.status_code, answer.json()["code"]) == (422, "body_too_large_inside")
    async with worker(ingest):
        upload = await wait_until_ended(ingest, await send(ingest, body, "parquet"))
    assert (upload["status"], upload["error_code"], upload["accepted"]) == ("failed", "file_too_large_inside", 0)
