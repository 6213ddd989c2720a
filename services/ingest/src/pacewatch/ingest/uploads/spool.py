"""The folder of uploaded files, shared by all processes of this service: one file per upload."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from starlette.requests import ClientDisconnect

from pacewatch.ingest.errors import BodyIncomplete, UploadEmpty, UploadTooLarge

_SUFFIX, _UNFINISHED = ".upload", ".part"
_ABANDONED_AFTER_S: Final = 86_400
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


def spooled_files(folder: Path) -> Iterator[tuple[UUID, Path, bool]]:
    """Every file in the folder with its upload's id, and whether it is old enough to be abandoned."""
    oldest = time.time() - _ABANDONED_AFTER_S
    for path in folder.glob("*"):
        if path.suffix in {_SUFFIX, _UNFINISHED}:
            # Since the folder was listed, the file may have been renamed, or deleted by another worker.
            with suppress(FileNotFoundError):
                yield UUID(path.stem), path, path.stat().st_mtime < oldest
