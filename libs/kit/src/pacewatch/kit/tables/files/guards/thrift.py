"""Reads the integers of one struct in Thrift's compact protocol, such as parquet-format's PageHeader.

Fields that a page header does not need are refused, so that two readers cannot understand it differently.
"""

from typing import Final

import pyarrow as pa

_MAX_DEPTH: Final = 4
# Types of fields; true and false are types of their own.
_I16, _I32, _I64, _BINARY, _STRUCT = 4, 5, 6, 8, 12
_FIXED_LENGTHS: Final = {1: 0, 2: 0, 3: 1, 7: 8}


class StructReader:
    """Reads one struct from the start of `data`; `position` is the number of bytes read so far."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def read_integers(self, depth: int = 0) -> dict[int, int]:
        """The struct's 32-bit integers by field number; other fields are skipped. ArrowInvalid if it is damaged."""
        integers: dict[int, int] = {}
        field = 0
        while (head := self._byte()) != 0:
            step, kind = head >> 4, head & 15
            if step == 0 or depth == _MAX_DEPTH:
                raise _invalid_header()
            field += step
            if kind == _I32:
                integers[field] = self._integer()
            elif kind == _STRUCT:
                self.read_integers(depth + 1)
            else:
                self._skip(kind)
        return integers

    def _skip(self, kind: int) -> None:
        if kind in {_I16, _I64}:
            self._varint()
        elif kind == _BINARY:
            length = self._varint()
            self.position += length
        elif kind in _FIXED_LENGTHS:
            self.position += _FIXED_LENGTHS[kind]
        else:
            raise _invalid_header()

    def _integer(self) -> int:
        """A zigzag-encoded integer of at most the 32 bits that pyarrow keeps."""
        number = self._varint()
        if number >= 2**32:
            raise _invalid_header()
        return number >> 1 ^ -(number & 1)

    def _varint(self) -> int:
        number, shift = 0, 0
        while (byte := self._byte()) & 0x80:
            number |= (byte & 0x7F) << shift
            shift += 7
        return number | byte << shift

    def _byte(self) -> int:
        if self.position >= len(self._data):
            raise pa.ArrowInvalid("a page header has no end")
        self.position += 1
        return self._data[self.position - 1]


def _invalid_header() -> pa.ArrowInvalid:
    return pa.ArrowInvalid("a page header is not as Parquet writes it")
