"""Models as signed files. Unpickling runs code, so signature and hash are verified before anything is unpickled."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError

from pacewatch.contracts.profile import Profile
from pacewatch.ml.artifacts import pickled
from pacewatch.ml.artifacts.manifest import Manifest, library_versions, version_stamp
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.ml.features.compute import earlier_feature_set_hash, feature_set_hash, with_predictors
from pacewatch.ml.models.ml_engine import MLEngine


def pack(
    engine: MLEngine,
    key: Ed25519PrivateKey,
    *,
    metrics: Mapping[str, Any],
    dataset: Mapping[str, Any],
    run_id: str,
    commit: str,
    created_at: datetime,
) -> tuple[bytes, Manifest, str]:
    """The engine as bytes, its manifest, and the Ed25519 signature (base64) of `manifest.canonical_json()`.

    The same engine gives the same bytes. `created_at` needs a time zone and becomes the version.
    """
    content = pickled.save(engine)
    manifest = Manifest(
        version=version_stamp(created_at),
        profile=engine.profile.name,
        algorithm=engine.parameters.algorithm,
        features=engine.profile.predictors,
        feature_set_hash=feature_set_hash(engine.profile),
        libraries=library_versions(engine.parameters.algorithm),
        dataset=dict(dataset),
        metrics=dict(metrics),
        parameters=engine.parameters.as_dict(),
        threshold=engine.threshold,
        run_id=run_id,
        commit=commit,
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=created_at,
    )
    signature = key.sign(manifest.canonical_json().encode())
    return content, manifest, base64.b64encode(signature).decode()


def verify(
    artifact: bytes,
    manifest_json: str,
    signature: str,
    public_keys: Sequence[Ed25519PublicKey],
    profile: Profile,
    *,
    earlier_features: bool = False,
) -> Manifest:
    """The manifest, if every check passes; nothing is unpickled. One of `public_keys` must have made the signature.

    ArtifactRefusedError with one of the codes `signature_invalid` (the manifest was changed, or signed with another
    key), `manifest_invalid`, `hash_mismatch` (the artifact was changed or cut short), `profile_mismatch`,
    `features_mismatch`, `library_mismatch`. With `earlier_features` a model is accepted that was trained on predictors
    of an earlier release, if these still have the same bits: it may score, and be compared with nothing.
    """
    _check_signature(manifest_json, signature, public_keys)
    try:
        manifest = Manifest.model_validate_json(manifest_json)
    except ValidationError as error:
        raise ArtifactRefusedError("manifest_invalid", f"the signed manifest is not complete: {error}") from None
    if hashlib.sha256(artifact).hexdigest() != manifest.sha256:
        raise ArtifactRefusedError("hash_mismatch", f"the artifact of {manifest.version} was changed or cut short")
    if manifest.profile != profile.name:
        raise ArtifactRefusedError("profile_mismatch", f"trained for {manifest.profile}, not for {profile.name}")
    if profile_of(manifest, profile) != profile and not earlier_features:
        raise _other_features(manifest)
    _check_libraries(manifest)
    return manifest


def unpack(
    artifact: bytes,
    manifest_json: str,
    signature: str,
    public_keys: Sequence[Ed25519PublicKey],
    profile: Profile,
    *,
    earlier_features: bool = False,
) -> tuple[MLEngine, Manifest]:
    """The engine of a verified artifact, ready to score; ArtifactRefusedError as `verify`, or `not_an_engine`.

    Its `profile` has the predictors that it was trained on.
    """
    signed = (artifact, manifest_json, signature, public_keys, profile)
    manifest = verify(*signed, earlier_features=earlier_features)
    return pickled.load(artifact, profile_of(manifest, profile)), manifest


def profile_of(manifest: Manifest, profile: Profile) -> Profile:
    """The profile with the predictors that the model was trained on; ArtifactRefusedError if some are not today's."""
    chosen = with_predictors(profile, manifest.features)
    if chosen is None or manifest.feature_set_hash not in (feature_set_hash(chosen), earlier_feature_set_hash(chosen)):
        raise _other_features(manifest)
    return chosen


def _other_features(manifest: Manifest) -> ArtifactRefusedError:
    return ArtifactRefusedError(
        "features_mismatch", f"{manifest.version} was trained on other features: train a new model"
    )


def _check_signature(manifest_json: str, signature: str, public_keys: Sequence[Ed25519PublicKey]) -> None:
    for public_key in public_keys:
        with suppress(InvalidSignature, binascii.Error, ValueError):
            public_key.verify(base64.b64decode(signature, validate=True), manifest_json.encode())
            return
    raise ArtifactRefusedError(
        "signature_invalid", "the manifest was changed, or signed with a key that is not trusted here"
    )


def _check_libraries(manifest: Manifest) -> None:
    here = library_versions(manifest.algorithm)
    if differing := [name for name, version in here.items() if manifest.libraries.get(name) != version]:
        versions = ", ".join(f"{n} {manifest.libraries.get(n)} (here {here[n]})" for n in differing)
        raise ArtifactRefusedError(
            "library_mismatch", f"{manifest.version} was trained with {versions}: train a new model"
        )
