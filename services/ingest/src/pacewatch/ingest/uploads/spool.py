"""The folder of uploaded files, shared by all processes of this service: one file per upload."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from starlette.requests import ClientDisconnect

from pacewatch.ingest.errors import BodyIncomplete, UploadEmpty, UploadTooLarge
from pacewatch.kit.errors import Unavailable

_SUFFIX, _UNFINISHED = ".upload", ".part"
_ABANDONED_AFTER_S: Final = 86_400
_WATCHED_FOR_S: Final = 3_600
_WRITE_BYTES: Final = 2**20


def path_of(folder: Path, upload_id: UUID) -> Path:
    """The file of an upload."""
    return folder / f"{upload_id}{_SUFFIX}"


async def receive(stream: AsyncIterator[bytes], folder: Path, upload_id: UUID, max_bytes: int) -> int:
    """Write a body to the file of an upload, piece by piece; its size in bytes."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    part = folder / f"{upload_id}{_UNFINISHED}"
    try:
        size = await _write(stream, part, max_bytes)
        part.replace(path_of(folder, upload_id))
    except ClientDisconnect:
        raise BodyIncomplete() from None
    except FileNotFoundError as error:
        raise Unavailable("the file was deleted while it was received; send it again") from error
    finally:
        part.unlink(missing_ok=True)
    return size


async def _write(stream: AsyncIterator[bytes], part: Path, max_bytes: int) -> int:
    size, buffer = 0, bytearray()
    with part.open("wb") as file:
        async for piece in stream:
            size += len(piece)
            if size > max_bytes:
                raise UploadTooLarge(f"the file is larger than {max_bytes // 2**20} MiB; upload it in parts")
            buffer += piece
            if len(buffer) >= _WRITE_BYTES:
                await asyncio.to_thread(file.write, bytes(buffer))
                buffer.clear()
        file.write(buffer)
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    if not size:
        raise UploadEmpty()
    return size


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
                # Since the folder was listed, the file may have been renamed, or deleted by another worker.
                with suppress(FileNotFoundError):
                    yield SpooledFile(UUID(path.stem), path, self._is_abandoned(path, path.stat().st_mtime))

    def _is_abandoned(self, path: Path, written_s: float) -> bool:
        if self._seen.get(path, (None,))[0] != written_s:
            self._seen[path] = (written_s, time.monotonic())
        watched_s = time.monotonic() - self._seen[path][1]
        return watched_s > _WATCHED_FOR_S and written_s < time.time() - _ABANDONED_AFTER_S
