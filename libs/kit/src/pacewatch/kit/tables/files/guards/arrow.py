"""Whether an Arrow stream is compressed: an uncompressed one unpacks to its own size, a compressed one to any size.

The flag is a FlatBuffers field in the metadata of each record batch; pyarrow does not expose it.
"""

import struct
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

DAMAGED_INPUT_ERRORS: Final = (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError)
"""What pyarrow raises on damaged input, Arrow or Parquet."""

# Numbers of fields in Arrow's Message and RecordBatch tables.
_MESSAGE_HEADER, _COMPRESSION = 2, 3


def is_compressed(stream: bytes) -> bool:
    """Whether any record batch in `stream` is compressed; ArrowInvalid if its metadata is damaged."""
    return any(_has_compression(metadata) for metadata in _record_batches(stream))


def _record_batches(stream: bytes) -> Iterator[bytes]:
    """The metadata of each message that holds a record batch."""
    for message in pa.ipc.MessageReader.open_stream(pa.BufferReader(stream)):
        if message.type == "record batch":
            yield message.metadata.to_pybytes()


def _has_compression(metadata: bytes) -> bool:
    try:
        (message,) = struct.unpack_from("<I", metadata)
        slot: int = _field_position(metadata, message, _MESSAGE_HEADER)
        batch: int = slot + struct.unpack_from("<I", metadata, slot)[0]
        return bool(slot != message and _field_position(metadata, batch, _COMPRESSION) != batch)
    except (struct.error, IndexError):
        raise pa.ArrowInvalid("the metadata of a record batch is damaged") from None


def _field_position(data: bytes, table: int, number: int) -> int:
    """The position of a field of a FlatBuffers table; the table's own position if the field is not set."""
    vtable: int = table - struct.unpack_from("<i", data, table)[0]
    if vtable < 0:
        raise IndexError
    size = struct.unpack_from("<H", data, vtable)[0]
    at = 4 + 2 * number
    return table + (int(struct.unpack_from("<H", data, vtable + at)[0]) if at + 2 <= size else 0)
