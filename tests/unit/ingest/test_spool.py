"""The folder of uploaded files, which changes while it is listed, and whose clock can jump."""

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest

from pacewatch.ingest.uploads import spool

DAY_S = 86_400


def abandoned(sweep: spool.Sweep) -> list[bool]:
    return [file.is_abandoned for file in sweep.files()]


def written(path: Path, days_ago: float) -> None:
    path.touch()
    os.utime(path, (time.time() - days_ago * DAY_S,) * 2)


def test_a_file_that_disappears_while_listing_is_skipped(tmp_path: Path) -> None:
    present, missing = uuid4(), uuid4()
    spool.path_of(tmp_path, present).write_bytes(b"rows")
    spool.path_of(tmp_path, missing).symlink_to(tmp_path / "nowhere")  # listed, but it has no status
    assert [file.upload_id for file in spool.Sweep(tmp_path).files()] == [present]


def test_a_file_is_abandoned_a_day_after_it_was_written_and_an_hour_after_it_was_first_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    path, sweep = spool.path_of(tmp_path, uuid4()), spool.Sweep(tmp_path)
    written(path, days_ago=2)
    assert abandoned(sweep) == [False]
    now_s[0] += 3_590
    assert abandoned(sweep) == [False]
    written(path, days_ago=1.5)
    now_s[0] += 20
    assert abandoned(sweep) == [False], "it was written meanwhile"
    now_s[0] += 3_610
    assert abandoned(sweep) == [True]
    written(path, days_ago=0.5)
    now_s[0] += 3_610
    assert abandoned(sweep) == [False]


def test_a_file_that_is_gone_is_not_remembered(tmp_path: Path) -> None:
    path, sweep = spool.path_of(tmp_path, uuid4()), spool.Sweep(tmp_path)
    path.touch()
    sweep.files()
    path.unlink()
    assert sweep.files() == []
    assert not sweep._seen


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x.part").touch()
    path = spool.path_of(tmp_path, uuid4())
    path.touch()
    assert [file.path for file in spool.Sweep(tmp_path).files()] == [path]
