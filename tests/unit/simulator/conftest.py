"""One history for all tests of this folder: enriched, so that every fault is in it."""

from pathlib import Path

import pytest
from unit.simulator.history import History

from pacewatch.simulator.day import days
from pacewatch.simulator.fleet import Fleet

START_S = 1_577_836_800  # 2020-01-01


@pytest.fixture(scope="session")
def history() -> History:
    fleet = Fleet(devices=1_500, start_s=START_S, enrich=8, seed=3)
    return History(fleet, list(days(fleet, 400)))


@pytest.fixture(scope="session")
def machine_data() -> Path:
    return Path(__file__).parents[2] / "files" / "machines"
