"""Open an artifact in a process of its own: `python -m pacewatch.ml.artifacts.smoke ARTIFACT --profile NAME`.

Standard input is the public keys, 32 bytes in hex each, one a line. Prints one line of JSON, {"ok": true, "version":
...} or {"ok": false, "code": ..., "message": ...}; exit code 0 or 1.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pacewatch.contracts.profile import Profile, Range
from pacewatch.contracts.profiles import by_name
from pacewatch.kit.columns.arrays import Floats
from pacewatch.ml.artifacts import store
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.ml.models.ml_engine import MLEngine

SMOKE_ROWS = 64
NO_SIGNAL = Range(0, 1)
"""Values of predictors that are of no single signal."""
TIMEOUT_S = 60.0


def check(engine: MLEngine) -> None:
    """Score random readings; ArtifactRefusedError `smoke_failed` unless every risk is a number from 0 to 1."""
    risk, factors = engine.score(_random_predictors(engine.profile))
    if len(factors) != SMOKE_ROWS or risk.shape != (SMOKE_ROWS,):
        raise ArtifactRefusedError("smoke_failed", f"{SMOKE_ROWS} rows gave {risk.shape} risks")
    if not (np.isfinite(risk) & (risk >= 0) & (risk <= 1)).all():
        raise ArtifactRefusedError("smoke_failed", "the model gives risks that are no probabilities")
    if not 0 <= engine.threshold <= 1:
        raise ArtifactRefusedError("smoke_failed", f"a threshold of {engine.threshold} is no probability")


def run(
    artifact: Path, profile_name: str, public_keys: Sequence[Ed25519PublicKey], timeout_s: float = TIMEOUT_S
) -> None:
    """Verify, open and smoke-score in a process of its own; ArtifactRefusedError if anything goes wrong there."""
    command = [sys.executable, "-m", "pacewatch.ml.artifacts.smoke", str(artifact), "--profile", profile_name]
    try:
        keys = "\n".join(key.public_bytes_raw().hex() for key in public_keys)
        done = subprocess.run(command, input=keys, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        raise ArtifactRefusedError("smoke_timeout", f"opening and scoring took longer than {timeout_s:.0f} s") from None
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise ArtifactRefusedError("smoke_crashed", f"the process ended with {done.returncode} and no answer") from None
    if not answer["ok"]:
        raise ArtifactRefusedError(answer["code"], answer["message"])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command that `run` starts."""
    parser = argparse.ArgumentParser(prog="python -m pacewatch.ml.artifacts.smoke", description=__doc__)
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--profile", required=True)
    options = parser.parse_args(arguments)
    try:
        keys = [Ed25519PublicKey.from_public_bytes(bytes.fromhex(line)) for line in sys.stdin.read().split()]
        engine, manifest = store.load(options.artifact, keys, by_name(options.profile))
        check(engine)
    except ArtifactRefusedError as refused:
        return _print({"ok": False, "code": refused.code, "message": str(refused)})
    except Exception as error:  # any error of a broken model becomes a refusal
        return _print({"ok": False, "code": "smoke_failed", "message": f"{type(error).__name__}: {error}"})
    return _print({"ok": True, "version": manifest.version})


def _print(answer: dict[str, object]) -> int:
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0 if answer["ok"] else 1


def _random_predictors(profile: Profile) -> Floats:
    """Plausible values, every third row without history: shape (SMOKE_ROWS, predictors)."""
    rng = np.random.default_rng(0)
    x = np.zeros((SMOKE_ROWS, len(profile.predictors)))
    limits = {signal.name: signal.plausible for signal in profile.signals}
    for column, name in enumerate([*profile.signal_names, *(feature.signal for feature in profile.features)]):
        values = limits.get(name, NO_SIGNAL)
        x[:, column] = rng.uniform(values.low, values.high, SMOKE_ROWS)
    attributes = len(profile.predicting_attributes)
    x[:, len(profile.predictors) - attributes :] = rng.integers(0, 4_000, (SMOKE_ROWS, attributes))
    x[::3, len(profile.signals) :] = np.nan
    return x


if __name__ == "__main__":
    sys.exit(main())
