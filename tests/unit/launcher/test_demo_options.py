"""The demo says what cannot work before anything starts, and continues the fleet that its folder holds."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pacewatch.kit.errors import ConfigurationError
from pacewatch.launcher.demo.options import Options
from pacewatch.launcher.demo.state import DemoState, WrongFolderError
from pacewatch.launcher.errors import PortTaken
from pacewatch.launcher.ports import listening_socket
from pacewatch.simulator.sources.replay import machine_folder

DAY_S = 86_400


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(tmp_path, 0, 0, "pacemaker", machine_folder(), 10, 7)


def test_a_taken_port_names_the_variable_that_helps(options: Options) -> None:
    with listening_socket() as taken:
        port = taken.getsockname()[1]
        for variable, changed in {
            "PORT": replace(options, port=port),
            "MAILCATCHER_PORT": replace(options, mailcatcher_port=port),
        }.items():
            with pytest.raises(PortTaken, match=rf"^port {port} is taken: .* {variable}={port + 1}$"):
                changed.check()


def test_a_wrong_profile_is_named_with_the_right_ones(options: Options) -> None:
    with pytest.raises(ConfigurationError, match="PROFILE=kettle: the demo shows pacemaker or machine"):
        replace(options, profile="kettle").check()


def test_a_history_that_is_not_recorded_is_refused(options: Options) -> None:
    machines = replace(options, profile="machine", history=1_000)
    with pytest.raises(ConfigurationError, match=r"HISTORY=1000: \d+ days are recorded"):
        DemoState.load_or_create(machines)


def test_the_history_ends_at_the_last_midnight_and_an_interrupted_load_is_of_the_same_days(options: Options) -> None:
    state = DemoState.load_or_create(options)
    assert (state.history_days, state.now_s % DAY_S) == (365, 0)
    older = replace(state, start_s=state.start_s - 5 * DAY_S)
    older.save(options.state_file)
    assert DemoState.load_or_create(options) == older


def test_an_empty_start_is_now(options: Options) -> None:
    state = DemoState.load_or_create(replace(options, history=0))
    assert state.now_s == state.start_s == DemoState.load_or_create(options).now_s


def test_a_folder_with_another_fleet_is_not_continued(options: Options) -> None:
    DemoState.load_or_create(options).save(options.state_file)
    assert DemoState.load_or_create(replace(options, history=365)).history_days == 365
    for change in ({"history": 0}, {"profile": "machine"}):
        with pytest.raises(WrongFolderError, match="use another DEMO_DIR"):
            DemoState.load_or_create(replace(options, **change))  # type: ignore[arg-type]


def test_a_folder_of_an_earlier_version_continues_with_its_own_fleet(options: Options) -> None:
    options.state_file.write_text(json.dumps({"profile": "pacemaker", "start_s": 10 * DAY_S, "days_done": 130}))
    state = DemoState.load_or_create(options)
    assert len(state.create_source(options.data).step().devices) == 300
    assert (state.days_done > state.history_days, state.now_s) == (True, 140 * DAY_S)
