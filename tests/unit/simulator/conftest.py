"""One history for all tests of this folder: enriched, so that every fault is in it."""

import os
from pathlib import Path

import pytest
from unit.simulator.history import History

from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.day import days

START_S = 1_577_836_800  # 2020-01-01


@pytest.fixture(scope="session")
def history() -> History:
    fleet = Fleet(devices=1_500, start_s=START_S, enrich=8, seed=3)
    return History(fleet, list(days(fleet, 400)))


@pytest.fixture(scope="session")
def machine_data() -> Path:
    beside_the_repository = Path(__file__).parents[4] / "shared" / "data" / "machines"
    folder = Path(os.environ.get("PACEWATCH_MACHINE_DATA", beside_the_repository))
    if not (folder / "PdM_daily.csv").is_file():
        pytest.fail(f"no machine data in {folder}; set PACEWATCH_MACHINE_DATA to its folder", pytrace=False)
    return folder
