"""A blob is written whole or not at all, and no name or URI reaches a file outside the store."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacewatch.kit.blobs import FolderStore, ObjectStore, open_store
from pacewatch.kit.errors import ConfigurationError


async def test_a_stored_blob_is_read_by_its_uri(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}/a folder/ünd % more")
    uri = await store.put("models/x.joblib", b"bytes")
    assert await store.get(uri) == b"bytes"
    assert " " not in uri


@pytest.mark.parametrize("name", ["", ".", "/etc/x", "../x", "a/../../x", "a\x00b"])
async def test_a_name_outside_the_store_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a valid blob name"):
        await FolderStore(tmp_path / "store").put(name, b"")


@pytest.mark.parametrize(
    "uri",
    [
        "file://{root}/../secret",
        "file://{root}/%2e%2e/secret",
        "file://{root}%2f..%2fsecret",
        "file://{root}/../store-too/secret",
        "file:///etc/passwd",
        "http://host{root}/blob",
        "file://host{root}/blob",
        "{root}/blob",
        "file://{root}",
        "file://{root}/%00",
        "",
    ],
)
async def test_a_uri_outside_the_store_is_not_found(tmp_path: Path, uri: str) -> None:
    root = tmp_path / "store"
    await FolderStore(root).put("blob", b"")
    (tmp_path / "secret").write_bytes(b"")
    (tmp_path / "store-too").mkdir()
    (tmp_path / "store-too" / "secret").write_bytes(b"")
    with pytest.raises(FileNotFoundError):
        await FolderStore(root).get(uri.format(root=root))


@given(st.text(max_size=60))
async def test_any_uri_of_a_missing_file_is_not_found(text: str) -> None:
    with pytest.raises(FileNotFoundError):
        await FolderStore(Path("/nowhere/at/all")).get(f"file:///nowhere/at/all/{text}")


async def test_a_failed_write_keeps_the_old_file_and_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path)
    uri = await store.put("x", b"before")

    def fail_disk_full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fail_disk_full)
    with pytest.raises(OSError, match="no space"):
        await store.put("x", b"after")
    assert await store.get(uri) == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("moved_to", ["elsewhere", "store/deeper", "."])
async def test_a_store_that_was_moved_finds_its_files_by_their_old_uris(tmp_path: Path, moved_to: str) -> None:
    store = FolderStore(tmp_path / "store")
    uris = [await store.put(name, name.encode()) for name in ("models/ä b.joblib", "x")]
    (tmp_path / "store").rename(tmp_path / "away")
    (tmp_path / moved_to).mkdir(parents=True, exist_ok=True)
    for path in (tmp_path / "away").iterdir():
        path.rename(tmp_path / moved_to / path.name)
    moved = FolderStore(tmp_path / moved_to)
    assert [await moved.get(uri) for uri in uris] == ["models/ä b.joblib".encode(), b"x"]
    with pytest.raises(FileNotFoundError):
        await moved.get(uris[1] + "y")


async def test_a_moved_store_reaches_nothing_outside_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"")
    (tmp_path / "store").mkdir()
    for uri in (
        "file:///old/../../secret",
        "file:../secret",
        "file:../../secret",
        "file:///old/%2e%2e/secret",
        "file:////../secret",
    ):
        with pytest.raises(FileNotFoundError):
            await FolderStore(tmp_path / "store").get(uri)


async def test_a_bucket_that_was_moved_finds_models_by_their_old_uris() -> None:
    store = ObjectStore("memory:///copies")
    await store.put("models/x.joblib", b"bytes")
    assert await store.get("s3://old-bucket/some/prefix/models/x.joblib") == b"bytes"


async def test_an_object_store_has_the_same_interface() -> None:
    store = ObjectStore("memory:///models")
    assert await store.get(await store.put("x", b"bytes")) == b"bytes"
    with pytest.raises(FileNotFoundError):
        await store.get("memory:///models/y")
    with pytest.raises(FileNotFoundError):
        await store.get("memory:///others/x")


def test_an_unknown_kind_of_store_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="ARTIFACT_URL"):
        open_store("ftp://somewhere")
