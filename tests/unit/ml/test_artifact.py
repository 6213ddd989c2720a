"""Artifacts: what was packed comes back, and whatever is not in order is refused before anything is unpickled."""

import base64
import hashlib
import io
import json
import pickle
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from support.models import DYING, HEALTHY, START_S
from unit.ml.test_ml_engine import fitted, rows

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import MACHINE, PACEMAKER
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.artifacts import artifact, keys, manifest, smoke, store
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.ml.features.compute import predictor_matrix
from pacewatch.ml.models.ml_engine import MLEngine

KEY = keys.generate()
PUBLIC = KEY.public_key()
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ABOUT = {"metrics": {"roc_auc": 0.9}, "dataset": {"rows": 5}, "run_id": "r1", "commit": "abc", "created_at": NOW}


def packed(engine=None, key=KEY):
    """(artifact, manifest JSON, signature)."""
    content, words, signature = artifact.pack(engine or fitted("random_forest"), key, **ABOUT)
    return content, words.canonical_json(), signature


def signed(words: dict) -> tuple[str, str]:
    text = json.dumps(words, sort_keys=True, separators=(",", ":"))
    return text, base64.b64encode(KEY.sign(text.encode())).decode()


def refusal(*arguments) -> str:
    with pytest.raises(ArtifactRefusedError) as refused:
        artifact.unpack(*arguments)
    return refused.value.code


@pytest.mark.parametrize("algorithm", ["random_forest", "hist_gradient_boosting", "logistic_regression"])
def test_an_opened_engine_scores_the_same_bits(algorithm) -> None:
    engine, _ = artifact.unpack(*packed(fitted(algorithm)), PUBLIC, PACEMAKER)  # type: ignore[call-arg]
    x = rows()[0]
    assert engine.predict_proba(x).tobytes() == fitted(algorithm).predict_proba(x).tobytes()
    assert engine.threshold == fitted(algorithm).threshold


def test_the_manifest_says_what_the_model_is() -> None:
    words = json.loads(packed()[1])
    assert words["version"] == "20260304T050607Z"
    assert words["features"] == list(PACEMAKER.predictors)
    assert (words["run_id"], words["commit"], words["metrics"]) == ("r1", "abc", {"roc_auc": 0.9})
    assert words["libraries"] == manifest.library_versions()


def test_a_time_without_a_zone_makes_no_version() -> None:
    with pytest.raises(ValueError, match="time zone"):
        manifest.version_stamp(datetime(2026, 3, 4))  # noqa: DTZ001


@pytest.mark.parametrize("algorithm", ["random_forest", "hist_gradient_boosting", "logistic_regression"])
def test_the_same_data_and_seed_give_the_same_bytes(algorithm) -> None:
    again = MLEngine(PACEMAKER, **fitted(algorithm).parameters.as_dict()).fit(*rows())
    assert packed(again)[0] == packed(fitted(algorithm))[0]


@pytest.mark.parametrize("position", [0, 100, -1])
def test_a_changed_byte_is_refused(position) -> None:
    content, words, signature = packed()
    changed = bytearray(content)
    changed[position] ^= 1
    assert refusal(bytes(changed), words, signature, PUBLIC, PACEMAKER) == "hash_mismatch"


def test_a_truncated_artifact_is_refused() -> None:
    content, words, signature = packed()
    assert refusal(content[:-1], words, signature, PUBLIC, PACEMAKER) == "hash_mismatch"


def test_a_changed_manifest_is_refused() -> None:
    content, words, signature = packed()
    assert refusal(content, words.replace("abc", "abd"), signature, PUBLIC, PACEMAKER) == "signature_invalid"


def test_a_foreign_key_is_refused() -> None:
    assert refusal(*packed(key=keys.generate()), PUBLIC, PACEMAKER) == "signature_invalid"


@pytest.mark.parametrize("signature", ["", "no base64!", "é", "AAAA"])
def test_a_signature_that_is_none_is_refused(signature) -> None:
    content, words, _ = packed()
    assert refusal(content, words, signature, PUBLIC, PACEMAKER) == "signature_invalid"


def test_another_fleets_model_is_refused() -> None:
    assert refusal(*packed(), PUBLIC, MACHINE) == "profile_mismatch"


def test_other_features_are_refused() -> None:
    fewer = replace(PACEMAKER, extra_features=PACEMAKER.extra_features[1:])
    assert refusal(*packed(), PUBLIC, fewer) == "features_mismatch"


def test_another_library_version_is_refused() -> None:
    content, words, _ = packed()
    older = json.loads(words)
    older["libraries"]["scikit-learn"] = "0.1"
    assert refusal(content, *signed(older), PUBLIC, PACEMAKER) == "library_mismatch"


def test_a_signed_manifest_that_lacks_a_field_is_refused() -> None:
    content, words, _ = packed()
    short = json.loads(words)
    del short["threshold"]
    assert refusal(content, *signed(short), PUBLIC, PACEMAKER) == "manifest_invalid"


class Bomb:
    """Says so if it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("the artifact was unpickled before it was verified",))


BOMB = pickle.dumps(Bomb())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"sha256": "0" * 64}, "hash_mismatch"),
        ({"profile": "machine"}, "profile_mismatch"),
        ({"feature_set_hash": "0" * 64}, "features_mismatch"),
        ({"libraries": {"numpy": "1.0"}}, "library_mismatch"),
        ({"metrics": None}, "manifest_invalid"),
    ],
)
def test_nothing_is_unpickled_that_is_not_in_order_however_well_it_is_signed(changed, reason) -> None:
    words = json.loads(packed()[1]) | {"sha256": hashlib.sha256(BOMB).hexdigest()} | changed
    assert refusal(BOMB, *signed(words), PUBLIC, PACEMAKER) == reason


def test_nothing_is_unpickled_that_somebody_else_signed() -> None:
    words = json.loads(packed()[1]) | {"sha256": hashlib.sha256(BOMB).hexdigest()}
    text, _ = signed(words)
    foreign = base64.b64encode(keys.generate().sign(text.encode())).decode()
    assert refusal(BOMB, text, foreign, PUBLIC, PACEMAKER) == "signature_invalid"


def test_keys_survive_as_text() -> None:
    again = keys.private_key(keys.private_pem(KEY))
    keys.public_key(keys.public_pem(PUBLIC)).verify(again.sign(b"x"), b"x")


def test_a_stored_engine_is_loaded_verified(tmp_path) -> None:
    path = store.write(tmp_path, *artifact.pack(fitted("random_forest"), KEY, **ABOUT))
    x = rows()[0][:5]
    engine, _ = store.load(path, PUBLIC, PACEMAKER)
    assert engine.predict_proba(x).tolist() == fitted("random_forest").predict_proba(x).tolist()
    assert sorted(part.name.split(".", 1)[1] for part in tmp_path.iterdir()) == ["joblib", "manifest.json", "sig"]


def test_the_smoke_process_passes_a_good_artifact_and_gives_the_reason_for_a_bad_one(
    tmp_path, monkeypatch, capsys
) -> None:
    path = store.write(tmp_path, *artifact.pack(fitted("random_forest"), KEY, **ABOUT))
    smoke.run(path, "pacemaker", keys.public_pem(PUBLIC))
    path.write_bytes(path.read_bytes()[:-1])
    monkeypatch.setattr("sys.stdin", io.StringIO(keys.public_pem(PUBLIC)))
    assert smoke.main([str(path), "--profile", "pacemaker"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "hash_mismatch"


class Crashing:
    """Unpickles into the end of its process."""

    def __reduce__(self):
        return (__import__, ("pacewatch_no_such_module",))


def test_a_signed_artifact_that_cannot_be_opened_never_reaches_the_caller(tmp_path) -> None:
    content = pickle.dumps(Crashing())
    _, words, _ = packed()
    text, signature = signed(json.loads(words) | {"sha256": hashlib.sha256(content).hexdigest()})
    path = store.write(tmp_path, content, manifest.Manifest.model_validate_json(text), signature)
    with pytest.raises(ArtifactRefusedError) as refused:
        smoke.run(path, "pacemaker", keys.public_pem(PUBLIC))
    assert refused.value.code == "smoke_failed"


def test_a_model_that_gives_no_probabilities_fails_the_smoke_test() -> None:
    engine, _ = artifact.unpack(*packed(), PUBLIC, PACEMAKER)  # type: ignore[call-arg]
    engine.predict_proba(rows()[0][:1])
    engine._scorer._trees[0].table[:] = np.nan  # type: ignore[union-attr]
    with pytest.raises(ArtifactRefusedError, match="no probabilities"):
        smoke.check(engine)


OLD = Path(__file__).parents[2] / "files" / "artifacts"


def test_an_artifact_made_before_modules_got_packages_still_scores() -> None:
    (path,) = OLD.glob("*.joblib")
    signals = {
        name: np.linspace(healthy, dying, 40)
        for name, healthy, dying in zip(PACEMAKER.signal_names, HEALTHY, DYING, strict=True)
    }
    times_s = START_S + np.arange(40) * SECONDS_PER_DAY
    x = predictor_matrix(PACEMAKER, Readings(np.ones(40, dtype=np.int64), times_s, signals))
    try:
        engine, _ = store.load(path, keys.public_key((OLD / "public_key.pem").read_text()), PACEMAKER)
    except ArtifactRefusedError as refused:  # once a library it pins is newer here
        assert refused.code == "library_mismatch"
        assert "train a new model" in str(refused)
    else:
        assert engine.predict_proba(x).tolist() == json.loads((OLD / "expected.json").read_text())["risks"]
