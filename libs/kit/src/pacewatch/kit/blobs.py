"""Storage of immutable files behind one interface: a local folder, S3 or Azure Blob.

A file is written whole or not at all, under a name that is used once. A store may move: a URI that it gave out at its
earlier address leads to the same name at the present one. Whose bytes they are, the caller verifies.
"""

import asyncio
import os
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import unquote, urlsplit

from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.files import write_whole


class BlobStore(Protocol):
    """A store of named, immutable byte strings."""

    async def put(self, name: str, data: bytes) -> str:
        """Store `data` under `name`; returns its URI. Durable when this returns."""

    async def get(self, uri: str) -> bytes:
        """The bytes behind a URI that `put` returned; FileNotFoundError if they do not exist any more."""


class FolderStore:
    """Blobs in a local folder."""

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.normpath(root.absolute()))

    async def put(self, name: str, data: bytes) -> str:
        path = self._root / _validated(name)
        await asyncio.to_thread(write_whole, path, data)
        return path.as_uri()

    async def get(self, uri: str) -> bytes:
        return await asyncio.to_thread(lambda: self._find(uri).read_bytes())

    def _find(self, uri: str) -> Path:
        """The file at this URI, else the one of the longest name at its end that there is: the folder was moved."""
        address = urlsplit(uri)
        path = Path(os.path.normpath(unquote(address.path)))
        if (address.scheme, address.netloc) == ("file", "") and path.is_absolute() and "\x00" not in str(path):
            names = [path.relative_to(self._root)] if self._root in path.parents else []
            names += [Path(*path.parts[start:]) for start in range(1, len(path.parts))]
            for found in (self._root / name for name in names):
                if found.is_file():
                    return found
        raise FileNotFoundError(f"{uri!r} is not in {self._root}")


class ObjectStore:
    """Blobs in an object store; its client reads credentials from the environment."""

    def __init__(self, url: str) -> None:
        from obstore.store import from_url  # noqa: PLC0415 - only a cloud deployment needs this client

        self._url = url.rstrip("/")
        self._store = from_url(self._url)

    async def put(self, name: str, data: bytes) -> str:
        await self._store.put_async(_validated(name), data)
        return f"{self._url}/{name}"

    async def get(self, uri: str) -> bytes:
        if uri.startswith(f"{self._url}/"):
            name = uri.removeprefix(f"{self._url}/")
        else:  # the bucket was moved, and all our names have two parts
            name = "/".join(urlsplit(uri).path.split("/")[-2:])
        result = await self._store.get_async(name)
        return bytes(await result.bytes_async())


def open_store(url: str) -> BlobStore:
    """The store at `url`: file://folder (relative to the working folder, or absolute), s3://..., az://..., gs://..."""
    scheme, _, rest = url.partition("://")
    if scheme == "file":
        return FolderStore(Path(rest))
    if scheme in {"s3", "az", "azure", "gs"}:
        return ObjectStore(url)
    raise ConfigurationError(f"PACEWATCH_ARTIFACT_URL: {url!r} must start with file://, s3://, az:// or gs://")


def _validated(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\x00" in name:
        raise ValueError(f"{name!r} is not a valid blob name: use a relative path without `..`")
    return name
