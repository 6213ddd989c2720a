"""The key that signs artifacts is replaced in three steps: each reading is scored by a model that is trusted then."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from support.inference.harness import CACHE_BYTES, Harness
from support.inference.models import DYING, HEALTHY, Packed

from pacewatch.inference.models.loader import ModelLoader
from pacewatch.inference.windows.cache import WindowCache

pytestmark = pytest.mark.servers


def trusting(harness: Harness, *keys: Ed25519PublicKey) -> Harness:
    """A process that starts with these public keys."""
    models = ModelLoader(harness.inference.models.profile, harness.inference.models.blobs, keys, retry_s=0)
    return replace(harness, inference=replace(harness.inference, models=models, cache=WindowCache(CACHE_BYTES)))


async def model_of_another_key(harness: Harness, folder: Path) -> tuple[Packed, Ed25519PublicKey]:
    """A newer model, signed with a new key, in the same store."""
    signing = replace(harness, settings=harness.settings.model_copy(update={"secrets_dir": folder / "new"}))
    return await signing.pack_model(day=2, random_state=2), signing.settings.artifact_keys().public_keys()[0]


async def versions(harness: Harness, device: int) -> list[str]:
    query = f"SELECT model_version FROM inference.predictions WHERE device_id = {device}"
    return [version for (version,) in await harness.fetch(query)]


async def test_a_key_of_artifacts_is_replaced_without_a_reading_that_is_not_scored(
    harness: Harness, tmp_path: Path
) -> None:
    (old_key,) = harness.inference.models.public_keys
    old = await harness.pack_model()
    new, new_key = await model_of_another_key(harness, tmp_path)
    await harness.activate(old)
    for device, keys in ((1, [old_key]), (2, [old_key, new_key])):
        await trusting(harness, *keys).process((device, 30, HEALTHY), (device, 40, DYING))
        assert await versions(harness, device) == [old.version] * 2
    await harness.activate(new, sequence=2)
    for device, keys in ((3, [old_key, new_key]), (4, [new_key])):
        await trusting(harness, *keys).process((device, 30, HEALTHY), (device, 40, DYING))
        assert await versions(harness, device) == [new.version] * 2


async def test_a_model_of_a_key_that_is_trusted_no_longer_scores_nothing_until_a_new_one_does(
    harness: Harness, tmp_path: Path
) -> None:
    new, new_key = await model_of_another_key(harness, tmp_path)
    await harness.activate(await harness.pack_model())
    process = trusting(harness, new_key)
    await process.process((1, 30, HEALTHY), (1, 40, DYING))
    assert await versions(harness, 1) == []
    await harness.activate(new, sequence=2)
    await process.rescore()
    assert await versions(harness, 1) == [new.version]
