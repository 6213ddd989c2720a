"""The way home: pings that are never sent, weeks of silence, and what comes late, twice or out of order after them.

Sent on 95.4 +- 7.0 % of days, disconnections with a median of 11 days (IQR 3-29): Circ Rep 2020 and 2024. `*` is
judgement.
"""

from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.fleet.chance import DAYS_PER_YEAR
from pacewatch.simulator.sources.day import Flags, Floats, Ints, Readings, readings_from

SENDING = (18.0, 1.0)  # Beta parameters of a device's daily chance
DISCONNECTIONS_PER_YEAR = 0.75
SILENT_DAYS = (11.0, 1.35)  # median and log-sd
UPLOADED_SHARE = 0.5  # * of disconnections whose pings come home in one batch on reconnection
MEMORY_DAYS = 30  # * of pings that a monitor keeps
TWICE_SHARE = 0.05  # * of the pings of a batch
AGAIN_SHARE = 0.25  # * of batches whose acknowledgement is lost: sent again the next day
TRANSIT_S = (20, 600)  # * from the ping to its arrival
BATCH_S = (600, 1_800)  # * from the first ping after a silence to its batch


@dataclass(frozen=True, slots=True)
class Link:
    """One row per slot: chance to send, first day back online, will it upload, the pings it keeps (stamp 0: none)."""

    sends: Floats
    online_day: Ints
    uploads: Flags
    kept_s: Ints
    kept_values: Floats


def draw_link(rng: np.random.Generator, devices: int) -> Link:
    """Every monitor online, nothing kept."""
    return Link(
        sends=rng.beta(*SENDING, devices),
        online_day=np.zeros(devices, np.int64),
        uploads=np.zeros(devices, np.bool_),
        kept_s=np.zeros((devices, MEMORY_DAYS), np.int64),
        kept_values=np.zeros((devices, MEMORY_DAYS, len(PACEMAKER.signals))),
    )


@dataclass(frozen=True, slots=True)
class Pings:
    """What the fleet measured on one day, one row per slot; only rows with `alive` exist."""

    device_id: Ints
    alive: Flags
    ping_s: Ints
    values: Floats


def transmit(rng: np.random.Generator, link: Link, day: int, pings: Pings) -> tuple[Readings, Readings]:
    """What of today's pings comes home today, and the late batches that come with them."""
    reconnects = (link.online_day == day) & pings.alive
    online = _stay_online(rng, link, day)
    sent = np.flatnonzero(online & pings.alive & (rng.random(len(online)) < link.sends))
    _keep(link, day, pings, ~online & link.uploads & pings.alive)
    received_s = pings.ping_s[sent] + rng.integers(*TRANSIT_S, len(sent))
    live = readings_from(PACEMAKER, pings.device_id[sent], pings.ping_s[sent], pings.values[sent], received_s)
    return live, _batches(rng, link, pings, reconnects)


def resent(rng: np.random.Generator, batches: Readings) -> Readings:
    """The batches whose monitors heard no acknowledgement, as they come again a day later."""
    devices = np.unique(batches["device_id"])
    unheard = devices[rng.random(len(devices)) < AGAIN_SHARE]
    again = batches[np.isin(batches["device_id"], unheard)].copy()
    again["received_s"] += 86_400
    return again


def _stay_online(rng: np.random.Generator, link: Link, day: int) -> Flags:
    """Who is online today; some begin a silence."""
    chance = rng.random((2, len(link.sends)))
    median_days, log_sd = SILENT_DAYS
    silent_days = np.ceil(median_days * np.exp(log_sd * rng.standard_normal(len(link.sends))))
    drops = (link.online_day <= day) & (chance[0] < DISCONNECTIONS_PER_YEAR / DAYS_PER_YEAR)
    link.online_day[drops] = day + silent_days[drops].astype(np.int64)
    link.uploads[drops] = chance[1, drops] < UPLOADED_SHARE
    return link.online_day <= day


def _keep(link: Link, day: int, pings: Pings, kept: Flags) -> None:
    """Today's place in the monitor's ring memory: the ping, or nothing."""
    place = day % MEMORY_DAYS
    link.kept_s[:, place] = np.where(kept, pings.ping_s, 0)
    link.kept_values[:, place] = pings.values


def _batches(rng: np.random.Generator, link: Link, pings: Pings, reconnects: Flags) -> Readings:
    """Everything the reconnecting monitors kept, some of it twice, in no order."""
    slots, places = np.nonzero((link.kept_s > 0) & reconnects[:, None])
    twice = rng.random(len(slots)) < TWICE_SHARE
    slots, places = np.concatenate([slots, slots[twice]]), np.concatenate([places, places[twice]])
    received_s = pings.ping_s[slots] + rng.integers(*BATCH_S, len(slots))
    stamps_s, values = link.kept_s[slots, places], link.kept_values[slots, places]
    link.kept_s[reconnects] = 0
    return readings_from(PACEMAKER, pings.device_id[slots], stamps_s, values, received_s)
