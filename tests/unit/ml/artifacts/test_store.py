"""Artifacts in a folder."""

import json
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from support.inference.models import DYING, HEALTHY
from unit.ml.artifacts.signing import ABOUT, KEY, PUBLIC
from unit.ml.engines import fitted, rows
from unit.ml.fleet import START_S

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.artifacts import artifact, pickled, store
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.ml.features.compute import predictor_matrix


def test_a_stored_engine_is_verified_and_loaded(tmp_path) -> None:
    path = store.write(tmp_path, *artifact.pack(fitted("random_forest"), KEY, **ABOUT))
    x = rows()[0][:5]
    engine, _ = store.load(path, PUBLIC, PACEMAKER)
    assert engine.predict_proba(x).tolist() == fitted("random_forest").predict_proba(x).tolist()
    assert sorted(part.name.split(".", 1)[1] for part in tmp_path.iterdir()) == ["joblib", "manifest.json", "sig"]


OLD = Path(__file__).parents[3] / "files" / "artifacts"
OLD_PROFILE = replace(PACEMAKER, attributes=())  # with the predictors of 0.1.0


def test_an_artifact_made_before_modules_moved_into_packages_still_scores() -> None:
    (path,), (manifest,) = OLD.glob("*.joblib"), OLD.glob("*.manifest.json")
    signals = {
        name: np.linspace(healthy, dying, 40)
        for name, healthy, dying in zip(PACEMAKER.signal_names, HEALTHY, DYING, strict=True)
    }
    times_s = START_S + np.arange(40) * SECONDS_PER_DAY
    earlier = artifact.profile_of(Manifest.model_validate_json(manifest.read_text()), PACEMAKER)
    x = predictor_matrix(earlier, Readings(np.ones(40, dtype=np.int64), times_s, signals))
    public_key = load_pem_public_key((OLD / "public_key.pem").read_bytes())
    assert isinstance(public_key, Ed25519PublicKey)
    expected = json.loads((OLD / "expected.json").read_text())["risks"]
    signed = (*store.read(path), [public_key], PACEMAKER)
    assert earlier.predictors != PACEMAKER.predictors
    with warnings.catch_warnings(action="ignore"):  # scikit-learn's, of a version that is not today's
        assert pickled.load(path.read_bytes(), earlier).predict_proba(x).tolist() == expected
    with pytest.raises(ArtifactRefusedError, match="other features: train a new model"):
        artifact.unpack(*signed)
    try:
        engine, _ = artifact.unpack(*signed, earlier_features=True)
    except ArtifactRefusedError as refused:  # after an update of a library that the manifest names
        assert refused.code == "library_mismatch"
        assert "train a new model" in str(refused)
    else:
        assert engine.predict_proba(x).tolist() == expected


def test_an_artifact_of_other_predictors_is_refused_with_what_to_do() -> None:
    (path,) = OLD.glob("*.joblib")
    public_key = load_pem_public_key((OLD / "public_key.pem").read_bytes())
    assert isinstance(public_key, Ed25519PublicKey)
    with pytest.raises(ArtifactRefusedError, match="other features: train a new model") as refused:
        store.load(path, [public_key], PACEMAKER)
    assert refused.value.code == "features_mismatch"
