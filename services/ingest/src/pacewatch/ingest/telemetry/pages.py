"""What a Parquet file unpacks to, before it is: its footer is short, and pages are measured by their own headers.

A footer can say less than its pages hold, and it is the pages that a reader unpacks. Their headers are Thrift structs
in the compact protocol, see parquet-format's PageHeader; whatever such a header has no need of is refused, so that two
readers cannot understand it differently.
"""

from collections.abc import Iterator
from io import SEEK_END, BytesIO
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pacewatch.ingest.telemetry.rules import Rules

# Three bytes of a footer become up to 700 in memory; twenty columns take some 3 kB of it in each row group.
_MAX_FOOTER_BYTES: Final = 2**20
# Room for the elements of a list is made when its length is read.
_MAX_LIST: Final = 10_000
_TAIL_BYTES: Final = 8
# Of columns of numbers: sizes, encodings and statistics of eight bytes each.
_MAX_HEADER_BYTES: Final = 4_096
_MAX_DEPTH: Final = 4
# Kinds of fields; true and false are kinds of their own.
_I16, _I32, _I64, _BINARY, _STRUCT = 4, 5, 6, 8, 12
_LENGTHS: Final = {1: 0, 2: 0, 3: 1, 7: 8}
_UNPACKED, _PACKED = 2, 3


def opened(source: BinaryIO | bytes, **options: Any) -> pq.ParquetFile:
    """The file, once its footer was found to be short; ArrowInvalid when it is not, or is none."""
    file = BytesIO(source) if isinstance(source, bytes) else source
    size = file.seek(0, SEEK_END)
    file.seek(max(size - _TAIL_BYTES, 0))
    tail = file.read()
    if tail[4:] != b"PAR1" or int.from_bytes(tail[:4], "little") > _MAX_FOOTER_BYTES:
        raise pa.ArrowInvalid("the footer is none, or is longer than that of any file of readings")
    buffered = pa.BufferReader(source) if isinstance(source, bytes) else source
    return pq.ParquetFile(buffered, thrift_container_size_limit=_MAX_LIST, **options)


def unpacked_sizes(file: BinaryIO, metadata: pq.FileMetaData, rules: Rules) -> Iterator[int]:
    """Bytes of each page of a required column, packed or unpacked, whichever are more; ArrowInvalid if damaged."""
    # By their places: what a column chunk is called in the footer is not what the reader goes by.
    places = [place for place, name in enumerate(metadata.schema.names) if name in rules.required]
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if group.num_columns != len(metadata.schema):
            raise pa.ArrowInvalid("a row group lacks columns")
        for place in places:
            yield from _pages(file, group.column(place))


def _pages(file: BinaryIO, column: pq.ColumnChunkMetaData) -> Iterator[int]:
    if column.num_values <= 0:
        return  # its offsets may be none, and the reader does not look
    at = column.data_page_offset
    if column.has_dictionary_page and 0 < column.dictionary_page_offset < at:
        at = column.dictionary_page_offset
    end = at + column.total_compressed_size
    while at < end:
        file.seek(at)
        header = _Header(file.read(min(_MAX_HEADER_BYTES, end - at)))
        sizes = header.struct()
        unpacked, packed = sizes.get(_UNPACKED, -1), sizes.get(_PACKED, -1)
        if unpacked < 0 or packed < 0:
            raise pa.ArrowInvalid("a page does not tell its size")
        yield max(unpacked, packed)
        at += header.at + packed


class _Header:
    """Reads one struct; `at` is how far."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def struct(self, depth: int = 0) -> dict[int, int]:
        """Its 32 bit integers by field number; everything else is read over."""
        integers: dict[int, int] = {}
        field = 0
        while (head := self._byte()) != 0:
            step, kind = head >> 4, head & 15
            if step == 0 or depth == _MAX_DEPTH:
                raise pa.ArrowInvalid("a page header is not as Parquet writes it")
            field += step
            if kind == _I32:
                integers[field] = self._integer()
            elif kind == _STRUCT:
                self.struct(depth + 1)
            else:
                self._pass_over(kind)
        return integers

    def _pass_over(self, kind: int) -> None:
        if kind in {_I16, _I64}:
            self._varint()
        elif kind == _BINARY:
            length = self._varint()
            self.at += length
        elif kind in _LENGTHS:
            self.at += _LENGTHS[kind]
        else:
            raise pa.ArrowInvalid("a page header is not as Parquet writes it")

    def _integer(self) -> int:
        """Zigzag; of no more bits than the reader keeps."""
        number = self._varint()
        if number >= 2**32:
            raise pa.ArrowInvalid("a page header is not as Parquet writes it")
        return number >> 1 ^ -(number & 1)

    def _varint(self) -> int:
        number, shift = 0, 0
        while (byte := self._byte()) & 0x80:
            number |= (byte & 0x7F) << shift
            shift += 7
        return number | byte << shift

    def _byte(self) -> int:
        if self.at >= len(self._data):
            raise pa.ArrowInvalid("a page header has no end")
        self.at += 1
        return self._data[self.at - 1]
