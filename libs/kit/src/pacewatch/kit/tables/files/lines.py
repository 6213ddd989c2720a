"""Reads a text file as blocks of whole lines."""

from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from pacewatch.kit.tables.errors import LineTooLong

BLOCK_BYTES: Final = 2 * 2**20
_MAX_LINE_BYTES: Final = 2**16


def read_line(file: BinaryIO) -> bytes:
    """The next line, with its line feed if it has one; LineTooLong."""
    line = file.readline(_MAX_LINE_BYTES)
    if not line.endswith(b"\n") and file.read(1):
        raise LineTooLong()
    return line


def read_blocks(file: BinaryIO, position: int, chunk_rows: int) -> Iterator[tuple[bytes, int]]:
    """Blocks of at most `chunk_rows` lines from `position`, each with the position behind it; LineTooLong."""
    file.seek(position)
    while text := file.read(BLOCK_BYTES):
        if not text.endswith(b"\n"):
            text += read_line(file)
        line_ends = _line_ends(text)
        block_ends = line_ends[chunk_rows - 1 :: chunk_rows]
        for start, end in pairwise([0, *block_ends.tolist(), len(text)]):
            if end > start:
                position += end - start
                yield text[start:end], position


def _line_ends(text: bytes) -> NDArray[np.int32]:
    """The positions behind the line feeds; LineTooLong. As int32: a block may have as many lines as bytes."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")).astype(np.int32)
    ends += 1
    first, last = (ends[0], ends[-1]) if len(ends) else (len(text), 0)
    if max(first, np.diff(ends).max(initial=0), len(text) - last) > _MAX_LINE_BYTES:
        raise LineTooLong()
    return ends


def split_lines(block: bytes) -> list[bytes]:
    """The lines of a block, which end at a line feed and nowhere else."""
    return block.removesuffix(b"\n").split(b"\n")
