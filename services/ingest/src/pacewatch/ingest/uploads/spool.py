"""The folder of uploaded files, shared by all processes of this service: one file per upload."""

import asyncio
import errno
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from starlette.requests import ClientDisconnect

from pacewatch.ingest.errors import BodyIncomplete, SpoolFull, UploadEmpty, UploadTooLarge
from pacewatch.kit.errors import Unavailable

_SUFFIX, _UNFINISHED = ".upload", ".part"
_ABANDONED_AFTER_S: Final = 86_400
_WATCHED_FOR_S: Final = 3_600
_WRITE_BYTES: Final = 2**20
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Spool:
    """The folder, the largest file, and what must stay free on its disk."""

    folder: Path
    max_bytes: int
    free_bytes: int


def path_of(folder: Path, upload_id: UUID) -> Path:
    """The file of an upload."""
    return folder / f"{upload_id}{_SUFFIX}"


async def receive(stream: AsyncIterator[bytes], spool: Spool, upload_id: UUID, expected_bytes: int = 0) -> int:
    """Write a body to the file of an upload, piece by piece; its size in bytes.

    UploadTooLarge or SpoolFull, before the body is read if it says that it has `expected_bytes`.
    """
    _refuse_too_large(expected_bytes, spool)
    part = spool.folder / f"{upload_id}{_UNFINISHED}"
    try:
        await asyncio.to_thread(_prepare, spool, expected_bytes)
        size = await _write(stream, part, spool)
        part.replace(path_of(spool.folder, upload_id))
    except ClientDisconnect:
        raise BodyIncomplete() from None
    except FileNotFoundError as error:
        raise Unavailable("the file was deleted while it was received; send it again") from error
    except OSError as error:
        if error.errno in _FULL:
            raise SpoolFull() from error
        raise
    finally:
        part.unlink(missing_ok=True)
    return size


def _prepare(spool: Spool, expected_bytes: int) -> None:
    spool.folder.mkdir(parents=True, exist_ok=True)
    _refuse_too_full(spool, expected_bytes)


async def _write(stream: AsyncIterator[bytes], part: Path, spool: Spool) -> int:
    size, buffer = 0, bytearray()
    with part.open("wb") as file:
        async for piece in stream:
            size += len(piece)
            _refuse_too_large(size, spool)
            buffer += piece
            if len(buffer) >= _WRITE_BYTES:
                await asyncio.to_thread(_write_piece, file, bytes(buffer), spool)
                buffer.clear()
        await asyncio.to_thread(_write_piece, file, bytes(buffer), spool)
        await asyncio.to_thread(os.fsync, file.fileno())
    if not size:
        raise UploadEmpty()
    return size


def _write_piece(file: BinaryIO, piece: bytes, spool: Spool) -> None:
    _refuse_too_full(spool, len(piece))
    file.write(piece)
    file.flush()


def _refuse_too_large(size: int, spool: Spool) -> None:
    if size > spool.max_bytes:
        raise UploadTooLarge(f"the file is larger than {spool.max_bytes // 2**20} MiB; upload it in parts")


def _refuse_too_full(spool: Spool, more_bytes: int) -> None:
    if shutil.disk_usage(spool.folder).free - more_bytes < spool.free_bytes:
        raise SpoolFull()


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A file in the folder, and whether nothing will come of it unless an upload has it."""

    upload_id: UUID
    path: Path
    is_abandoned: bool


class Sweep:
    """Lists the folder again and again, and sees which files stay as they are.

    An abandoned file was last written a day ago, and did not change in the hour that this process watched it: the clock
    can jump by a day while a file is received.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Of each file: when it was written last, and since when this process has seen it so, by the monotonic clock.
        self._seen: dict[Path, tuple[float, float]] = {}

    def files(self) -> list[SpooledFile]:
        """Every file in the folder."""
        files = list(self._files())
        self._seen = {file.path: self._seen[file.path] for file in files}
        return files

    def _files(self) -> Iterator[SpooledFile]:
        for path in self._folder.glob("*"):
            if path.suffix in {_SUFFIX, _UNFINISHED}:
                # Since the folder was listed, the file may have been renamed, or deleted by another worker. A file
                # whose name is no id (ValueError) is not ours.
                with suppress(FileNotFoundError, ValueError):
                    yield SpooledFile(UUID(path.stem), path, self._is_abandoned(path, path.stat().st_mtime))

    def _is_abandoned(self, path: Path, written_s: float) -> bool:
        if self._seen.get(path, (None,))[0] != written_s:
            self._seen[path] = (written_s, time.monotonic())
        watched_s = time.monotonic() - self._seen[path][1]
        return watched_s > _WATCHED_FOR_S and written_s < time.time() - _ABANDONED_AFTER_S
