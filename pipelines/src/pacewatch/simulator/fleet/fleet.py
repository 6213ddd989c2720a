"""A simulated fleet of pacemakers, one day per step: the same code makes a history and continues it live."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.columns.arrays import Floats, Ints
from pacewatch.simulator.day import Day, ReadingLog, reading_dtype
from pacewatch.simulator.devices.decoys import apply_decoys
from pacewatch.simulator.devices.devices import draw_ages_days, register_columns
from pacewatch.simulator.devices.link import Pings, resend_batches, transmit
from pacewatch.simulator.devices.physics import advance_drift, healthy_values, measure
from pacewatch.simulator.devices.random_streams import Purpose, stream
from pacewatch.simulator.devices.regimes import FIRMWARE_FACTOR, check_regimes
from pacewatch.simulator.devices.signals import BATTERY, IMPEDANCE
from pacewatch.simulator.failures.endings import EndingCheck, check_endings, list_endings
from pacewatch.simulator.failures.failures import apply_faults
from pacewatch.simulator.failures.reports import OutcomeReports, TrueOutcome
from pacewatch.simulator.fleet.slots import FleetParameters, draw_slots, replace_rows

JITTER_S = 600.0  # * of a device's daily ping around its own hour
REFILL_DAYS = 30  # * from the end of a device to the implant that takes its slot


class Fleet:
    """`devices` pacemakers from the UTC day of `start_s` on; the same arguments give the same bytes.

    After a failure, an explant or a loss to follow-up a device never reports again. With `refill` a new implant, under
    the next unused id, joins 30 days later, so the fleet keeps its size; without it the daily batches shrink. In an
    `aligned` fleet every ping of a day has one timestamp, the beginning of the day; else each device has its own hour.
    Raises ValueError for arguments that make no fleet.
    """

    profile: Profile = PACEMAKER

    def __init__(
        self,
        devices: int,
        start_s: int,
        enrich: float,
        seed: int,
        regimes: frozenset[str] = frozenset(),
        *,
        refill: bool = False,
        aligned: bool = False,
    ) -> None:
        if devices < 1 or start_s < 0 or enrich < 0 or seed < 0:
            raise ValueError("a fleet needs at least one device, and start, enrich and seed must not be negative")
        self.start_s = start_s - start_s % SECONDS_PER_DAY
        self._seed, self._refill, self._aligned = seed, refill, aligned
        self._parameters = FleetParameters(self.start_s, enrich, check_regimes(regimes))
        self._day, self._next_id = 0, devices
        rng = self._stream(Purpose.IMPLANT)
        age_days = draw_ages_days(rng, devices)
        self._slots = draw_slots(rng, self._parameters, self.start_s, np.arange(devices), age_days)
        self._register = register_columns(self._slots.devices)
        self._registered = 0
        self._resent_tomorrow: ReadingLog = np.empty(0, reading_dtype(self.profile))
        self._reports = OutcomeReports()

    @property
    def truth(self) -> tuple[TrueOutcome, ...]:
        """All true outcomes so far, day by day: for judging a model, never for training one."""
        return tuple(self._reports.truth)

    @property
    def register(self) -> Mapping[str, Sequence[Any]]:
        """Every device that has ever been in the fleet, column by column: see `register_columns`."""
        return self._register

    def step(self) -> Day:
        """Simulate one day and return what arrives on it, late readings and reports of earlier days included."""
        date_s = self.start_s + self._day * SECONDS_PER_DAY
        self._add_new_implants(date_s)
        ping_s = self._ping_times(date_s)
        values = self._measure(ping_s)
        slots = self._slots
        check = check_endings(slots.present, slots.schedule, slots.low_pings, ping_s, values[:, BATTERY])
        readings = self._transmit(ping_s, values, check, date_s)
        self._end_devices(check, date_s + SECONDS_PER_DAY)
        self._day += 1
        return Day(date_s, readings, self._reports.pop_due(date_s + SECONDS_PER_DAY), self._joined())

    def _joined(self) -> tuple[Mapping[str, Any], ...]:
        """The rows of the register since the last call: all at first, later the new implants."""
        columns = {name: values[self._registered :] for name, values in self._register.items()}
        rows = tuple(dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
        self._registered += len(rows)
        return rows

    def _stream(self, purpose: Purpose) -> np.random.Generator:
        return stream(self._seed, self._day, purpose)

    def _add_new_implants(self, now_s: int) -> None:
        """Give the slots that have been empty for REFILL_DAYS to new implants, if the fleet refills."""
        ended_day = self._slots.ended_day
        empty = np.flatnonzero((ended_day >= 0) & (ended_day == self._day - REFILL_DAYS))
        if not self._refill or not len(empty):
            return
        ids = self._next_id + np.arange(len(empty))
        self._next_id += len(empty)
        fresh = draw_slots(self._stream(Purpose.IMPLANT), self._parameters, now_s, ids, np.zeros(len(empty)))
        for name, column in register_columns(fresh.devices).items():
            self._register[name] += column
        replace_rows(self._slots, empty, fresh)

    def _ping_times(self, date_s: int) -> Ints:
        """One time per slot within the day, early enough that the second after it is in the day, too."""
        usual_s = self._slots.devices.ping_s
        if self._aligned:
            return np.full(len(usual_s), date_s)
        jitter_s = JITTER_S * self._stream(Purpose.PING).standard_normal(len(usual_s))
        within_s: Ints = (usual_s + jitter_s).clip(0, SECONDS_PER_DAY - 2).astype(np.int64)
        return date_s + within_s

    def _measure(self, ping_s: Ints) -> Floats:
        """The measured values of every slot, present or not, at its ping: shape (devices, signals)."""
        devices, drift = self._slots.devices, self._slots.drift
        age_days = (ping_s - devices.implanted_s) / SECONDS_PER_DAY
        hour = ping_s % SECONDS_PER_DAY / 3_600
        advance_drift(self._stream(Purpose.DRIFT), drift)
        values = healthy_values(devices, drift, age_days, hour)
        apply_decoys(self._stream(Purpose.DECOY), self._slots.decoys, values)
        apply_faults(self._stream(Purpose.FAILURE), self._slots.schedule, ping_s, values)
        values[:, IMPEDANCE] *= np.where(self._day >= devices.update_day, FIRMWARE_FACTOR, 1.0)
        return measure(self._stream(Purpose.NOISE), values, devices.coarse)

    def _transmit(self, ping_s: Ints, values: Floats, check: EndingCheck, date_s: int) -> ReadingLog:
        """Today's arrivals in their order: live pings, late batches, and repeats of yesterday's batches."""
        rng = self._stream(Purpose.LINK)
        pings = Pings(self._slots.devices.device_id, check.pinged, ping_s, values)
        live, batches = transmit(rng, self._slots.link, self._day, pings)
        arrivals = np.concatenate([live, batches, self._resent_tomorrow])
        arrivals["received_s"] = arrivals["received_s"].clip(max=date_s + SECONDS_PER_DAY - 1)
        self._resent_tomorrow = resend_batches(rng, batches)
        return arrivals[np.argsort(arrivals["received_s"], kind="stable")]

    def _end_devices(self, check: EndingCheck, end_s: int) -> None:
        """Remove the devices that end before `end_s`, and record their outcomes."""
        slots, rng = self._slots, self._stream(Purpose.REPORT)
        ended = np.flatnonzero(slots.present & (check.ends_s < end_s))
        for ending in list_endings(ended, slots.devices, slots.schedule, check):
            self._reports.record(rng, ending)
        slots.ended_day[ended] = self._day
