"""A fleet of pacemakers that lives one day at a time, forever; what makes a history also continues it live."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.failures.endings import Verdict, endings, judge
from pacewatch.simulator.failures.failures import apply_faults
from pacewatch.simulator.failures.reports import Reports, Truth
from pacewatch.simulator.fleet.chance import Purpose, stream
from pacewatch.simulator.fleet.decoys import apply_decoys
from pacewatch.simulator.fleet.devices import draw_ages, registered
from pacewatch.simulator.fleet.link import Pings, resent, transmit
from pacewatch.simulator.fleet.physics import advance, healthy, measured
from pacewatch.simulator.fleet.regimes import FIRMWARE_FACTOR, checked
from pacewatch.simulator.fleet.signals import BATTERY, IMPEDANCE
from pacewatch.simulator.fleet.slots import World, draw_slots, put
from pacewatch.simulator.sources.day import Day, Floats, Ints, Readings, reading_dtype

JITTER_S = 600.0  # * of a device's daily ping around its own hour
REFILL_DAYS = 30  # * from the end of one device to the implant that takes its place in the fleet


class Fleet:
    """`devices` pacemakers from the UTC day of `start_s` on; the same arguments give the same bytes.

    After a failure, an explant or a loss the id goes silent for good. With `refill` a new implant, under the next
    unused id, joins 30 days later, so that the fleet keeps its size; without it the daily batches grow smaller.
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
    ) -> None:
        if devices < 1 or start_s < 0 or enrich < 0 or seed < 0:
            raise ValueError("a fleet needs at least one device, and start, enrich and seed must not be negative")
        self.start_s = start_s - start_s % SECONDS_PER_DAY
        self._seed, self._refill = seed, refill
        self._world = World(self.start_s, enrich, checked(regimes))
        self._day, self._next_id = 0, devices
        rng = self._stream(Purpose.IMPLANT)
        ages = draw_ages(rng, devices)
        self._slots = draw_slots(rng, self._world, self.start_s, np.arange(devices), ages)
        self._register = registered(self._slots.devices)
        self._again: Readings = np.empty(0, reading_dtype(self.profile))
        self._reports = Reports()

    @property
    def truth(self) -> tuple[Truth, ...]:
        """Everything that has really happened so far, by day: for judging a model, never for training one."""
        return tuple(self._reports.truth)

    @property
    def register(self) -> Mapping[str, Sequence[Any]]:
        """Every device there ever was, column by column: see `registered`."""
        return self._register

    def step(self) -> Day:
        """Live through one day; what of it, and of earlier days, comes home."""
        date_s = self.start_s + self._day * SECONDS_PER_DAY
        self._implant(date_s)
        ping_s = self._ping_times(date_s)
        values = self._measure(ping_s)
        slots = self._slots
        verdict = judge(slots.present, slots.fates, slots.low_pings, ping_s, values[:, BATTERY])
        readings = self._transmit(ping_s, values, verdict, date_s)
        self._end(verdict, date_s + SECONDS_PER_DAY)
        self._day += 1
        return Day(date_s, readings, self._reports.due(date_s + SECONDS_PER_DAY))

    def _stream(self, purpose: Purpose) -> np.random.Generator:
        return stream(self._seed, self._day, purpose)

    def _implant(self, now_s: int) -> None:
        """Give the places that have been empty for long enough to new implants."""
        gone_day = self._slots.gone_day
        places = np.flatnonzero((gone_day >= 0) & (gone_day == self._day - REFILL_DAYS))
        if not self._refill or not len(places):
            return
        ids = self._next_id + np.arange(len(places))
        self._next_id += len(places)
        fresh = draw_slots(self._stream(Purpose.IMPLANT), self._world, now_s, ids, np.zeros(len(places)))
        for name, column in registered(fresh.devices).items():
            self._register[name] += column
        put(self._slots, places, fresh)

    def _ping_times(self, date_s: int) -> Ints:
        """One instant per slot, within the day and early enough that the second after it still is."""
        own_s = self._slots.devices.ping_s
        jitter_s = JITTER_S * self._stream(Purpose.PING).standard_normal(len(own_s))
        within_s: Ints = (own_s + jitter_s).clip(0, SECONDS_PER_DAY - 2).astype(np.int64)
        return date_s + within_s

    def _measure(self, ping_s: Ints) -> Floats:
        """What every device, present or not, reads on itself at its ping: shape (devices, signals)."""
        devices, course = self._slots.devices, self._slots.course
        age_days = (ping_s - devices.implanted_s) / SECONDS_PER_DAY
        hour = ping_s % SECONDS_PER_DAY / 3_600
        advance(self._stream(Purpose.COURSE), course)
        values = healthy(devices, course, age_days, hour)
        apply_decoys(self._stream(Purpose.DECOY), self._slots.decoys, values)
        apply_faults(self._stream(Purpose.FAILURE), self._slots.fates, ping_s, values)
        values[:, IMPEDANCE] *= np.where(self._day >= devices.update_day, FIRMWARE_FACTOR, 1.0)
        return measured(self._stream(Purpose.NOISE), values, devices.coarse)

    def _transmit(self, ping_s: Ints, values: Floats, verdict: Verdict, date_s: int) -> Readings:
        """Today's arrivals in the order they came: live pings, late batches, yesterday's batches once more."""
        rng = self._stream(Purpose.LINK)
        pings = Pings(self._slots.devices.device_id, verdict.pinged, ping_s, values)
        live, batches = transmit(rng, self._slots.link, self._day, pings)
        arrivals = np.concatenate([live, batches, self._again])
        arrivals["received_s"] = arrivals["received_s"].clip(max=date_s + SECONDS_PER_DAY - 1)
        self._again = resent(rng, batches)
        return arrivals[np.argsort(arrivals["received_s"], kind="stable")]

    def _end(self, verdict: Verdict, end_s: int) -> None:
        """Take leave of the devices that do not live to see tomorrow."""
        slots, rng = self._slots, self._stream(Purpose.REPORT)
        ended = np.flatnonzero(slots.present & (verdict.ends_s < end_s))
        for ending in endings(ended, slots.devices, slots.fates, verdict):
            self._reports.record(rng, ending)
        slots.gone_day[ended] = self._day
