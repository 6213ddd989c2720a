"""A model that nobody can open is not activated, whichever way a person asks for it, and the answer says what to do."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr
from support.candidates import candidate, engine_with_nan_risks
from support.inference.models import engine
from support.registry import Registry

from pacewatch.kit.blobs import FolderStore
from pacewatch.kit.keys import to_base64

from .conftest import client_of

Call = tuple[str, str, dict[str, str]]


async def set_model(registry: Registry, version: str, **values: str) -> None:
    """Change columns of a model's row."""
    changes = ", ".join(f"{name} = :{name}" for name in values)
    async with registry.database.engine.begin() as connection:
        query = sa.text(f"UPDATE registry.models SET {changes} WHERE version = :version")
        await connection.execute(query, {"version": version, **values})


async def activation(registry: Registry) -> tuple[str, Call]:
    version = await registry.add_accepted(1)
    await registry.add_active(2)
    return version, ("POST", f"models/{version}/activate", {})


async def rollback(registry: Registry) -> tuple[str, Call]:
    version = await registry.add_active(1)
    await registry.add_active(2)
    return version, ("POST", "models/rollback", {"reason": "worse than it looked"})


async def promotion(registry: Registry) -> tuple[str, Call]:
    version = await registry.add_with_status(1, "rejected")
    await set_model(registry, version, judgement='{"verdict": "kept back"}')
    await registry.add_active(2)
    return version, ("POST", f"models/{version}/promote", {"reason": "the clinic asked for it"})


WAYS = [activation, rollback, promotion]
Way = Callable[[Registry], Awaitable[tuple[str, Call]]]


async def file_of(registry: Registry, version: str) -> Path:
    query = sa.text("SELECT artifact_uri FROM registry.models WHERE version = :version")
    async with registry.database.engine.connect() as connection:
        return Path(urlsplit(await connection.scalar(query, {"version": version})).path)


async def assert_refused(registry: Registry, call: Call, status: int, code: str, *words: str) -> None:
    """The answer has these words, and nothing has changed."""
    active, emitted = await registry.active_version(), len(await registry.emitted())
    response = await registry.call(*call)
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert [word for word in words if word not in response.json()["detail"]] == []
    assert (await registry.active_version(), len(await registry.emitted())) == (active, emitted)


@pytest.mark.parametrize("way", WAYS)
async def test_a_model_whose_file_is_gone_is_refused_until_it_is_back(registry: Registry, way: Way) -> None:
    version, call = await way(registry)
    file = await file_of(registry, version)
    content = file.read_bytes()
    file.unlink()
    await assert_refused(registry, call, 409, "model_unusable", "artifact_missing", "put its file back", "train a new")
    file.write_bytes(content[:-1] + b"x")
    await assert_refused(registry, call, 409, "model_unusable", "hash_mismatch", "put its file back as it was")
    file.write_bytes(content)
    assert (await registry.call(*call)).status_code == 200
    assert await registry.active_version() == version


@pytest.mark.parametrize("way", WAYS)
async def test_a_model_of_a_key_that_is_trusted_no_longer_is_refused(registry: Registry, way: Way) -> None:
    version, call = await way(registry)
    new = to_base64(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    settings = registry.settings.model_copy(update={"artifact_public_key": SecretStr(new)})
    async with client_of(settings, registry.database) as client:
        later = replace(registry, client=client)
        words = ("signature_invalid", "PACEWATCH_ARTIFACT_PUBLIC_KEY", version)
        await assert_refused(later, call, 409, "model_unusable", *words)
    assert (await registry.call(*call)).status_code == 200


@pytest.mark.parametrize("way", WAYS)
async def test_a_store_that_cannot_be_read_is_no_fault_of_the_model(
    registry: Registry, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, call = await way(registry)

    async def refuse(_self: FolderStore, uri: str) -> bytes:
        raise PermissionError(uri)

    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "get", refuse)
        await assert_refused(registry, call, 503, "artifact_unreadable", "try again")
    assert (await registry.call(*call)).status_code == 200


async def test_a_model_that_does_not_score_is_refused(registry: Registry) -> None:
    await registry.add_active(1)
    broken = await candidate(registry.settings, 2, model=engine_with_nan_risks(engine()))
    version = await registry.receive(broken)
    await set_model(registry, version, status="accepted")
    for _ in range(2):  # what failed is not remembered as what works
        await assert_refused(
            registry, ("POST", f"models/{version}/activate", {}), 409, "model_unusable", "smoke_failed"
        )


async def test_the_active_model_is_checked_as_well(registry: Registry) -> None:
    version = await registry.add_active(1)
    (await file_of(registry, version)).unlink()
    await assert_refused(registry, ("POST", f"models/{version}/activate", {}), 409, "model_unusable")


async def test_nobody_waits_while_a_model_is_checked(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    version, call = await activation(registry)
    deleted: list[httpx.Response] = []
    read = FolderStore.get

    async def delete_meanwhile(self: FolderStore, uri: str) -> bytes:
        deleted.append(await registry.call("DELETE", f"models/{version}"))
        return await read(self, uri)

    monkeypatch.setattr(FolderStore, "get", delete_meanwhile)
    response = await registry.call(*call)
    assert [one.status_code for one in deleted] == [200]
    assert (response.status_code, response.json()["code"]) == (409, "model_not_accepted")
