"""Checkpoints: found by the same run, and refused for any other."""

import os
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pacewatch.trainer_agent.runs.checkpoints import LONGEST_S, Checkpoints

KEY = Ed25519PrivateKey.generate()


def checkpoints(folder: Path, origin: str = "run 1", key: Ed25519PrivateKey = KEY) -> Checkpoints:
    return Checkpoints(folder / "run", key, origin)


def finished(folder: Path, *stages: str) -> Checkpoints:
    stored = checkpoints(folder)
    for stage in stages:
        stored.save(stage, {"stage": stage})
    return stored


def test_the_same_run_finds_its_checkpoints(tmp_path: Path) -> None:
    finished(tmp_path, "pull", "fit random_forest")
    again = checkpoints(tmp_path)
    assert [again.find(stage) for stage in ("pull", "fit random_forest", "kfold")] == [
        {"stage": "pull"},
        {"stage": "fit random_forest"},
        None,
    ]


@pytest.mark.parametrize("other", [{"origin": "run 1 with other parameters"}, {"key": Ed25519PrivateKey.generate()}])
def test_another_run_or_another_key_finds_nothing(tmp_path: Path, other: dict[str, str]) -> None:
    finished(tmp_path, "pull")
    assert checkpoints(tmp_path, **other).find("pull") is None  # type: ignore[arg-type]


def test_a_checkpoint_is_valid_only_after_the_same_earlier_checkpoints(tmp_path: Path) -> None:
    """A forest fitted on other readings must not be used, although its file is intact."""
    finished(tmp_path, "pull", "fit")
    again = checkpoints(tmp_path)
    again.save("pull", {"stage": "pull", "rows": "newer"})
    assert again.find("fit") is None


def test_a_checkpoint_of_another_stage_is_refused(tmp_path: Path) -> None:
    finished(tmp_path, "pull")
    (tmp_path / "run" / "pull.checkpoint").rename(tmp_path / "run" / "fit.checkpoint")
    assert checkpoints(tmp_path).find("fit") is None


class Bomb:
    """Fails the test if it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("the checkpoint was unpickled before it was verified",))


@pytest.mark.parametrize("damage", ["changed", "cut", "empty", "foreign"])
def test_a_damaged_checkpoint_is_refused_before_it_is_unpickled(tmp_path: Path, damage: str) -> None:
    stored = checkpoints(tmp_path)
    stored.save("pull", Bomb())
    path = tmp_path / "run" / "pull.checkpoint"
    content = path.read_bytes()
    if damage == "foreign":
        checkpoints(tmp_path, key=Ed25519PrivateKey.generate()).save("pull", Bomb())
    else:
        changed = {"changed": content[:-1] + b"?", "cut": content[:-1], "empty": b""}
        path.write_bytes(changed[damage])
    assert checkpoints(tmp_path).find("pull") is None


def test_checkpoints_of_ended_and_abandoned_runs_are_removed(tmp_path: Path) -> None:
    for name, age_s in (("abandoned", LONGEST_S + 60), ("interrupted", 60)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    finished(tmp_path, "pull").clear()
    assert [path.name for path in tmp_path.iterdir()] == ["interrupted"]


def test_a_run_continues_if_checkpoints_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    stored = checkpoints(tmp_path)
    assert stored.save("pull", 5) == 5
    assert stored.find("pull") is None
    stored.clear()
