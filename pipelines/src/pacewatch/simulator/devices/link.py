"""The link from device to platform: pings not sent, disconnections, and late, repeated and unordered batches.

Sent on 95.4 +- 7.0 % of days, disconnections with a median of 11 days (IQR 3-29): Circ Rep 2020 and 2024. `*` is
judgement.
"""

from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.simulator.day import ReadingLog, reading_log
from pacewatch.simulator.devices.random_streams import DAYS_PER_YEAR

SENDING = (18.0, 1.0)  # Beta parameters of a device's daily probability to send
DISCONNECTIONS_PER_YEAR = 0.75
DISCONNECTED_DAYS = (11.0, 1.35)  # median and log-sd
UPLOADED_SHARE = 0.5  # * of disconnections whose pings are sent in one batch on reconnection
BUFFER_DAYS = 30  # * of pings that a monitor stores
REPEATED_SHARE = 0.05  # * of the pings of a batch
RESENT_SHARE = 0.25  # * of batches whose acknowledgement is lost: sent a second time the next day
TRANSIT_S = (20, 600)  # * from the ping to its arrival
BATCH_DELAY_S = (600, 1_800)  # * from the first ping after a disconnection to its batch


@dataclass(frozen=True, slots=True)
class Link:
    """One row per slot: probability to send, first day back online, whether it uploads its buffer, the buffered pings.

    A buffered timestamp of 0 is an empty place.
    """

    send_probability: Floats
    online_day: Ints
    uploads: Bools
    buffered_s: Ints
    buffered_values: Floats


def draw_link(rng: np.random.Generator, devices: int) -> Link:
    """Every monitor online, every buffer empty."""
    return Link(
        send_probability=rng.beta(*SENDING, devices),
        online_day=np.zeros(devices, np.int64),
        uploads=np.zeros(devices, np.bool_),
        buffered_s=np.zeros((devices, BUFFER_DAYS), np.int64),
        buffered_values=np.zeros((devices, BUFFER_DAYS, len(PACEMAKER.signals))),
    )


@dataclass(frozen=True, slots=True)
class Pings:
    """The measurements of one day, one row per slot; only rows with `alive` exist."""

    device_id: Ints
    alive: Bools
    ping_s: Ints
    values: Floats


def transmit(rng: np.random.Generator, link: Link, day: int, pings: Pings) -> tuple[ReadingLog, ReadingLog]:
    """Today's pings that arrive today, and the late batches that arrive with them."""
    reconnects = (link.online_day == day) & pings.alive
    online = _update_online(rng, link, day)
    sent = np.flatnonzero(online & pings.alive & (rng.random(len(online)) < link.send_probability))
    _buffer_pings(link, day, pings, ~online & link.uploads & pings.alive)
    received_s = pings.ping_s[sent] + rng.integers(*TRANSIT_S, len(sent))
    live = reading_log(PACEMAKER, pings.device_id[sent], pings.ping_s[sent], pings.values[sent], received_s)
    return live, _upload_buffers(rng, link, pings, reconnects)


def resend_batches(rng: np.random.Generator, batches: ReadingLog) -> ReadingLog:
    """The batches whose acknowledgement was lost, as they arrive a second time a day later."""
    devices = np.unique(batches["device_id"])
    unacknowledged = devices[rng.random(len(devices)) < RESENT_SHARE]
    repeated = batches[np.isin(batches["device_id"], unacknowledged)].copy()
    repeated["received_s"] += 86_400
    return repeated


def _update_online(rng: np.random.Generator, link: Link, day: int) -> Bools:
    """Which slots are online today; some begin a disconnection."""
    draws = rng.random((2, len(link.send_probability)))
    median_days, log_sd = DISCONNECTED_DAYS
    offline_days = np.ceil(median_days * np.exp(log_sd * rng.standard_normal(len(link.send_probability))))
    disconnects = (link.online_day <= day) & (draws[0] < DISCONNECTIONS_PER_YEAR / DAYS_PER_YEAR)
    link.online_day[disconnects] = day + offline_days[disconnects].astype(np.int64)
    link.uploads[disconnects] = draws[1, disconnects] < UPLOADED_SHARE
    return link.online_day <= day


def _buffer_pings(link: Link, day: int, pings: Pings, buffered: Bools) -> None:
    """Write today's place of the monitor's ring buffer: the ping, or 0 for none."""
    place = day % BUFFER_DAYS
    link.buffered_s[:, place] = np.where(buffered, pings.ping_s, 0)
    link.buffered_values[:, place] = pings.values


def _upload_buffers(rng: np.random.Generator, link: Link, pings: Pings, reconnects: Bools) -> ReadingLog:
    """All buffered pings of the reconnecting monitors, some repeated, unordered; empties their buffers."""
    slots, places = np.nonzero((link.buffered_s > 0) & reconnects[:, None])
    repeated = rng.random(len(slots)) < REPEATED_SHARE
    slots, places = np.concatenate([slots, slots[repeated]]), np.concatenate([places, places[repeated]])
    received_s = pings.ping_s[slots] + rng.integers(*BATCH_DELAY_S, len(slots))
    timestamps_s, values = link.buffered_s[slots, places], link.buffered_values[slots, places]
    link.buffered_s[reconnects] = 0
    return reading_log(PACEMAKER, pings.device_id[slots], timestamps_s, values, received_s)
