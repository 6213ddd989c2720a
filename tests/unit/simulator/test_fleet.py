"""A fleet is reproducible, can be continued exactly, and never reports anything from the future."""

import pickle

import numpy as np
import pytest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.day import Day, ReadingLog, days
from pacewatch.simulator.devices.regimes import FIRMWARE_SHIFT, REGIMES
from pacewatch.simulator.devices.signals import IMPEDANCE
from pacewatch.simulator.fleet.fleet import REFILL_DAYS, Fleet
from pacewatch.simulator.sources.history import distinct_readings

START_S = 1_577_836_800


def fleet(**changes: object) -> Fleet:
    arguments: dict[str, object] = {"devices": 60, "start_s": START_S, "enrich": 8, "seed": 5}
    return Fleet(**(arguments | changes))  # type: ignore[arg-type]


def as_bytes(simulated: list[Day]) -> list[tuple[int, bytes, object]]:
    return [(day.date_s, day.readings.tobytes(), day.outcomes) for day in simulated]


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert as_bytes(list(days(fleet(), 90))) == as_bytes(list(days(fleet(), 90)))


@pytest.mark.parametrize("change", [{"seed": 6}, {"enrich": 0}, {"regimes": frozenset(REGIMES)}])
def test_other_arguments_give_other_days(change: dict[str, object]) -> None:
    assert as_bytes(list(days(fleet(**change), 300))) != as_bytes(list(days(fleet(), 300)))


def test_a_fleet_saved_and_continued_equals_one_simulated_in_a_single_run() -> None:
    single_run = as_bytes(list(days(fleet(refill=True), 120)))
    first = fleet(refill=True)
    first_days = as_bytes(list(days(first, 50)))
    restored = pickle.loads(pickle.dumps(first))
    assert first_days + as_bytes(list(days(restored, 70))) == single_run


def test_a_day_starts_at_midnight_for_any_start_time() -> None:
    assert fleet(start_s=START_S + 5_000).step().date_s == START_S


def test_signals_have_the_profiles_names_and_plausible_values(arrived: ReadingLog) -> None:
    assert arrived.dtype.names == ("device_id", "timestamp_s", *PACEMAKER.signal_names, "received_s")
    for signal in PACEMAKER.signals:
        assert arrived[signal.name].min() >= signal.plausible.low
        assert arrived[signal.name].max() <= signal.plausible.high


def test_a_days_readings_are_received_on_that_day_and_measured_before_they_are_received(
    simulated_days: list[Day],
) -> None:
    for day in simulated_days:
        received_s = day.readings["received_s"]
        assert np.all((received_s >= day.date_s) & (received_s < day.end_s))
        assert np.all(np.diff(received_s) >= 0)
        assert np.all(day.readings["timestamp_s"] <= received_s)


def test_a_device_measures_once_a_day_at_its_own_hour(arrived: ReadingLog) -> None:
    pings = np.unique(arrived[["device_id", "timestamp_s"]])
    dates = pings["timestamp_s"] // 86_400
    assert len(np.unique(np.stack([pings["device_id"], dates]), axis=1).T) == len(pings)
    one = pings["timestamp_s"][pings["device_id"] == pings["device_id"][0]] % 86_400
    assert 0 < one.std() < 1_200


def test_an_ended_device_never_reports_again(simulated_fleet: Fleet, arrived: ReadingLog) -> None:
    ended = {outcome.device_id: outcome.occurred_at_s for outcome in simulated_fleet.truth}
    assert len(ended) == len(simulated_fleet.truth) > 200
    for device_id, ended_s in ended.items():
        assert arrived["timestamp_s"][arrived["device_id"] == device_id].max(initial=0) < ended_s


def test_daily_batches_shrink_without_refill_and_keep_their_size_with_it() -> None:
    for refill, least, most in ((False, 0.70, 0.90), (True, 0.93, 1.03)):
        sizes = [len(day.readings) for day in days(fleet(devices=500, refill=refill), 500)]
        assert least < np.mean(sizes[-30:]) / np.mean(sizes[:30]) < most


def test_a_new_implant_takes_the_next_unused_id_a_month_after_an_ending() -> None:
    refilled = fleet(devices=300, refill=True)
    arrived = np.concatenate([day.readings for day in days(refilled, 100)])
    first_ended_s = refilled.truth[0].occurred_at_s
    new_implant = arrived[arrived["device_id"] == 300]
    assert 0 <= new_implant["timestamp_s"].min() - first_ended_s - REFILL_DAYS * 86_400 < 5 * 86_400
    ended = [outcome.device_id for outcome in refilled.truth]
    assert 302 < max(arrived["device_id"]) <= 300 + len(ended)
    assert len(set(ended)) == len(ended)


def test_a_firmware_update_shifts_only_impedance_fully_once_it_is_installed_everywhere() -> None:
    old, new = (distinct_readings(days(fleet(regimes=on), 170)) for on in (frozenset(), frozenset({FIRMWARE_SHIFT})))
    ratio = new[PACEMAKER.signal_names[IMPEDANCE]] / old[PACEMAKER.signal_names[IMPEDANCE]]
    day = (old["timestamp_s"] - START_S) // 86_400
    assert np.all(ratio[day < 120] == 1.0)
    assert np.median(ratio[day >= 150]) == pytest.approx(1.15, abs=0.002)
    for name in PACEMAKER.signal_names[1:]:
        assert np.array_equal(new[name], old[name])


@pytest.mark.parametrize("wrong", [{"devices": 0}, {"enrich": -1}, {"seed": -1}, {"start_s": -1}])
def test_arguments_that_make_no_fleet_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a fleet needs"):
        fleet(**wrong)


def test_an_unknown_regime_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(ValueError, match="known regimes: high-impedance-lead"):
        fleet(regimes=frozenset({"weather"}))
