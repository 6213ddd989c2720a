"""One simulated history for all tests of this folder, enriched so that every kind of fault is in it."""

from pathlib import Path

import numpy as np
import pytest

from pacewatch.simulator.day import Day, ReadingLog, days
from pacewatch.simulator.fleet.fleet import Fleet

START_S = 1_577_836_800  # 2020-01-01


@pytest.fixture(scope="session")
def simulation() -> tuple[Fleet, list[Day]]:
    fleet = Fleet(devices=1_500, start_s=START_S, enrich=8, seed=3)
    return fleet, list(days(fleet, 400))


@pytest.fixture(scope="session")
def simulated_fleet(simulation: tuple[Fleet, list[Day]]) -> Fleet:
    """The fleet after the last of `simulated_days`."""
    return simulation[0]


@pytest.fixture(scope="session")
def simulated_days(simulation: tuple[Fleet, list[Day]]) -> list[Day]:
    return simulation[1]


@pytest.fixture(scope="session")
def arrived(simulated_days: list[Day]) -> ReadingLog:
    """The readings of `simulated_days` in the order of arrival, repeats included."""
    return np.concatenate([day.readings for day in simulated_days])


@pytest.fixture(scope="session")
def machine_data() -> Path:
    return Path(__file__).parents[2] / "files" / "machines"
