"""Results of an unfinished run: found again by the same run, and by nobody else."""

import os
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pacewatch.ml.artifacts import keys
from pacewatch.trainer_agent.runs.checkpoints import LONGEST_S, Kept

KEY = keys.generate()


def kept(folder: Path, origin: str = "run 1", key: Ed25519PrivateKey = KEY) -> Kept:
    return Kept(folder / "run", key, origin)


def finished(folder: Path, *stages: str) -> Kept:
    results = kept(folder)
    for stage in stages:
        results.keep(stage, {"stage": stage})
    return results


def test_the_same_run_finds_what_it_finished(tmp_path: Path) -> None:
    finished(tmp_path, "pull", "fit random_forest")
    again = kept(tmp_path)
    assert [again.find(stage) for stage in ("pull", "fit random_forest", "kfold")] == [
        {"stage": "pull"},
        {"stage": "fit random_forest"},
        None,
    ]


@pytest.mark.parametrize("other", [{"origin": "run 1 with other parameters"}, {"key": keys.generate()}])
def test_another_run_or_another_key_finds_nothing(tmp_path: Path, other: dict[str, str]) -> None:
    finished(tmp_path, "pull")
    assert kept(tmp_path, **other).find("pull") is None  # type: ignore[arg-type]


def test_a_result_counts_only_after_the_same_results_before_it(tmp_path: Path) -> None:
    """A forest of other readings is another forest, though its file is sound."""
    finished(tmp_path, "pull", "fit")
    again = kept(tmp_path)
    again.keep("pull", {"stage": "pull", "rows": "newer"})
    assert again.find("fit") is None


def test_a_result_at_another_place_is_refused(tmp_path: Path) -> None:
    finished(tmp_path, "pull")
    (tmp_path / "run" / "pull.kept").rename(tmp_path / "run" / "fit.kept")
    assert kept(tmp_path).find("fit") is None


class Bomb:
    """Says so if it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("the result was unpickled before it was verified",))


@pytest.mark.parametrize("damage", ["changed", "cut", "empty", "foreign"])
def test_a_damaged_result_is_refused_before_it_is_opened(tmp_path: Path, damage: str) -> None:
    results = kept(tmp_path)
    results.keep("pull", Bomb())
    path = tmp_path / "run" / "pull.kept"
    content = path.read_bytes()
    if damage == "foreign":
        kept(tmp_path, key=keys.generate()).keep("pull", Bomb())
    else:
        changed = {"changed": content[:-1] + b"?", "cut": content[:-1], "empty": b""}
        path.write_bytes(changed[damage])
    assert kept(tmp_path).find("pull") is None


def test_nothing_is_left_of_a_run_that_ended_nor_of_one_that_was_given_up(tmp_path: Path) -> None:
    for name, age_s in (("given-up", LONGEST_S + 60), ("interrupted", 60)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    finished(tmp_path, "pull").clear()
    assert [path.name for path in tmp_path.iterdir()] == ["interrupted"]


def test_a_folder_that_cannot_be_written_costs_only_the_keeping(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    results = kept(tmp_path)
    assert results.keep("pull", 5) == 5
    assert results.find("pull") is None
    results.clear()
