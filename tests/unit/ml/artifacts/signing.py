"""Signed artifacts for tests, and the code of a refusal."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from unit.ml.engines import fitted

from pacewatch.ml.artifacts import artifact
from pacewatch.ml.errors import ArtifactRefusedError

KEY = Ed25519PrivateKey.generate()
PUBLIC = [KEY.public_key()]
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ABOUT = {"metrics": {"roc_auc": 0.9}, "dataset": {"rows": 5}, "run_id": "r1", "commit": "abc", "created_at": NOW}


def packed(engine=None, key=KEY):
    """(artifact, manifest JSON, signature)."""
    content, described, signature = artifact.pack(engine or fitted("random_forest"), key, **ABOUT)
    return content, described.canonical_json(), signature


def signed(fields: dict) -> tuple[str, str]:
    """Any fields as a signed manifest: (JSON, signature)."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return text, base64.b64encode(KEY.sign(text.encode())).decode()


def refusal(*arguments) -> str:
    """The code with which `unpack` refuses."""
    with pytest.raises(ArtifactRefusedError) as refused:
        artifact.unpack(*arguments)
    return refused.value.code
