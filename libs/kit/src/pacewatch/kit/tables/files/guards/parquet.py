"""The unpacked size of a Parquet file, known before it is unpacked: the footer is short, and each page is measured.

A footer can claim less than its pages hold, and a reader unpacks the pages. So the size comes from the page headers.
A footer can also name the same pages many times: so the work here and in the reader is bounded by the file's size only
if its column chunks do not overlap.
"""

from collections.abc import Collection, Iterator, Sequence
from io import SEEK_END, BytesIO
from itertools import pairwise
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pacewatch.kit.tables.files.guards.thrift import StructReader

# Three bytes of a footer become up to 700 in memory; twenty columns take about 3 kB of it in each row group.
_MAX_FOOTER_BYTES: Final = 2**20
# pyarrow allocates the elements of a list when it reads the list's length.
_MAX_LIST_LENGTH: Final = 10_000
_TAIL_BYTES: Final = 8
# A file of a few bytes may have many pages, if it has few rows. Beyond, most writers make pages of 1 MiB.
_MAX_SMALL_PAGES: Final = 10_000
_MIN_PAGE_BYTES: Final = 1_024
# The header of a page of numbers: sizes, encodings, and statistics of eight bytes each.
_MAX_HEADER_BYTES: Final = 4_096
# Field numbers of parquet-format's PageHeader.
_UNCOMPRESSED_PAGE_SIZE, _COMPRESSED_PAGE_SIZE = 2, 3


def open_parquet(source: BinaryIO | bytes, **options: Any) -> pq.ParquetFile:
    """Open the file if it has a footer and the footer is short; otherwise ArrowInvalid."""
    file = BytesIO(source) if isinstance(source, bytes) else source
    size = file.seek(0, SEEK_END)
    file.seek(max(size - _TAIL_BYTES, 0))
    tail = file.read()
    if tail[4:] != b"PAR1" or int.from_bytes(tail[:4], "little") > _MAX_FOOTER_BYTES:
        raise pa.ArrowInvalid("the footer is missing, or longer than the footer of any file of readings")
    buffered = pa.BufferReader(source) if isinstance(source, bytes) else source
    return pq.ParquetFile(buffered, thrift_container_size_limit=_MAX_LIST_LENGTH, **options)


def page_sizes(file: BinaryIO, metadata: pq.FileMetaData, columns: Collection[str]) -> Iterator[int]:
    """Bytes of each page of `columns`, packed or unpacked, whichever is more; ArrowInvalid if the file is damaged.

    Damaged is also a file whose column chunks overlap, or which has more pages than any writer makes.
    """
    # By position: the reader ignores the name that the footer gives to a column chunk.
    places = [place for place, name in enumerate(metadata.schema.names) if name in columns]
    spans = sorted(_spans(metadata, places))
    if any(end > start for (_, end), (start, _) in pairwise(spans)):
        raise pa.ArrowInvalid("column chunks overlap")
    pages_left = _MAX_SMALL_PAGES + file.seek(0, SEEK_END) // _MIN_PAGE_BYTES
    for start, end in spans:
        for size in _page_sizes(file, start, end):
            pages_left -= 1
            if pages_left < 0:
                raise pa.ArrowInvalid("there are more pages than in any file of readings")
            yield size


def _spans(metadata: pq.FileMetaData, places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last position of each column chunk that the reader reads."""
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if group.num_columns != len(metadata.schema):
            raise pa.ArrowInvalid("a row group lacks columns")
        for column in map(group.column, places):
            if column.num_values <= 0:
                continue  # it may have no offsets, and the reader does not read it
            start = column.data_page_offset
            if column.has_dictionary_page and 0 < column.dictionary_page_offset < start:
                start = column.dictionary_page_offset
            yield start, start + column.total_compressed_size


def _page_sizes(file: BinaryIO, position: int, end: int) -> Iterator[int]:
    while position < end:
        file.seek(position)
        header = StructReader(file.read(min(_MAX_HEADER_BYTES, end - position)))
        sizes = header.read_integers()
        unpacked, packed = sizes.get(_UNCOMPRESSED_PAGE_SIZE, -1), sizes.get(_COMPRESSED_PAGE_SIZE, -1)
        if unpacked < 0 or packed < 0:
            raise pa.ArrowInvalid("a page has no size")
        yield max(unpacked, packed)
        position += header.position + packed
