"""The unpacked size of a Parquet file, known before it is unpacked: the footer is short, and each page is measured.

A footer can claim less than its pages hold, and a reader unpacks the pages. So the size comes from the page headers.
"""

from collections.abc import Collection, Iterator
from io import SEEK_END, BytesIO
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pacewatch.ingest.guards.thrift import StructReader

# Three bytes of a footer become up to 700 in memory; twenty columns take about 3 kB of it in each row group.
_MAX_FOOTER_BYTES: Final = 2**20
# pyarrow allocates the elements of a list when it reads the list's length.
_MAX_LIST_LENGTH: Final = 10_000
_TAIL_BYTES: Final = 8
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
    """Bytes of each page of `columns`, packed or unpacked, whichever is more; ArrowInvalid if the file is damaged."""
    # By position: the reader ignores the name that the footer gives to a column chunk.
    places = [place for place, name in enumerate(metadata.schema.names) if name in columns]
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if group.num_columns != len(metadata.schema):
            raise pa.ArrowInvalid("a row group lacks columns")
        for place in places:
            yield from _page_sizes(file, group.column(place))


def _page_sizes(file: BinaryIO, column: pq.ColumnChunkMetaData) -> Iterator[int]:
    if column.num_values <= 0:
        return  # it may have no offsets, and the reader does not read it
    position = column.data_page_offset
    if column.has_dictionary_page and 0 < column.dictionary_page_offset < position:
        position = column.dictionary_page_offset
    end = position + column.total_compressed_size
    while position < end:
        file.seek(position)
        header = StructReader(file.read(min(_MAX_HEADER_BYTES, end - position)))
        sizes = header.read_integers()
        unpacked, packed = sizes.get(_UNCOMPRESSED_PAGE_SIZE, -1), sizes.get(_COMPRESSED_PAGE_SIZE, -1)
        if unpacked < 0 or packed < 0:
            raise pa.ArrowInvalid("a page has no size")
        yield max(unpacked, packed)
        position += header.position + packed
