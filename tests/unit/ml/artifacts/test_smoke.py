"""The smoke test of an artifact, in a process of its own."""

import hashlib
import io
import json
import pickle

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from unit.ml.artifacts.signing import ABOUT, KEY, PUBLIC, packed, signed
from unit.ml.engines import fitted, rows

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.artifacts import artifact, manifest, smoke, store
from pacewatch.ml.errors import ArtifactRefusedError


def test_the_smoke_test_passes_a_good_artifact_and_gives_the_code_for_a_changed_one(
    tmp_path, monkeypatch, capsys
) -> None:
    path = store.write(tmp_path, *artifact.pack(fitted("random_forest"), KEY, **ABOUT))
    smoke.run(path, "pacemaker", [Ed25519PrivateKey.generate().public_key(), *PUBLIC])
    path.write_bytes(path.read_bytes()[:-1])
    monkeypatch.setattr("sys.stdin", io.StringIO(PUBLIC[0].public_bytes_raw().hex()))
    assert smoke.main([str(path), "--profile", "pacemaker"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "hash_mismatch"


class Crashing:
    """Fails to unpickle."""

    def __reduce__(self):
        return (__import__, ("pacewatch_no_such_module",))


def test_a_signed_artifact_that_cannot_be_unpickled_fails_the_smoke_test(tmp_path) -> None:
    content = pickle.dumps(Crashing())
    _, fields, _ = packed()
    text, signature = signed(json.loads(fields) | {"sha256": hashlib.sha256(content).hexdigest()})
    path = store.write(tmp_path, content, manifest.Manifest.model_validate_json(text), signature)
    with pytest.raises(ArtifactRefusedError) as refused:
        smoke.run(path, "pacemaker", PUBLIC)
    assert refused.value.code == "smoke_failed"


def test_a_model_that_gives_no_probabilities_fails_the_smoke_test() -> None:
    engine, _ = artifact.unpack(*packed(), PUBLIC, PACEMAKER)  # type: ignore[call-arg]
    engine.predict_proba(rows()[0][:1])
    engine._scorer._trees[0].table[:] = np.nan  # type: ignore[union-attr]
    with pytest.raises(ArtifactRefusedError, match="no probabilities"):
        smoke.check(engine)
