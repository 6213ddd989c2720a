"""Judges by how long devices are silent whether they are connected, late or disconnected; tells the fleet's changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pacewatch.contracts.base import MAX_INTEGER, Paging
from pacewatch.contracts.connectivity import MAX_DEVICES_LISTED, ConnectivityChanged, DeviceLink, LinkCounts, LinkState
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.connectivity import repository
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit

JUDGEMENTS_A_CADENCE: Final = 4
# In a fleet of three, one that is silent is a third of them and no failure of the gateway.
FEWEST_FLEET_WIDE: Final = 3

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a device may be silent, seconds; `share` is the part of the fleet whose silence is the gateway's."""

    cadence_s: int
    late_after_s: int
    disconnected_after_s: int
    share: float

    @classmethod
    def of(cls, profile: Profile, settings: IngestSettings) -> "Patience":
        """What the profile's cadence and the settings make of it."""
        late_s, disconnected_s = (
            int(profile.cadence_s * cadences)
            for cadences in (settings.late_after_cadences, settings.disconnected_after_cadences)
        )
        return cls(profile.cadence_s, late_s, max(late_s, disconnected_s), settings.fleet_wide_share)

    def bounds(self, now_s: int) -> dict[str, int]:
        """Heard from before which Unix seconds makes a device late, or disconnected."""
        late_s, disconnected_s = now_s - self.late_after_s, now_s - self.disconnected_after_s
        return {"late_s": late_s, "disconnected_s": disconnected_s}

    def span(self, state: LinkState | None, now_s: int) -> dict[str, int]:
        """From and before which Unix seconds devices in `state` were last heard from."""
        bounds = self.bounds(now_s)
        low = {LinkState.CONNECTED: bounds["late_s"], LinkState.LATE: bounds["disconnected_s"]}
        high = {LinkState.LATE: bounds["late_s"], LinkState.DISCONNECTED: bounds["disconnected_s"]}
        return {"from_s": low.get(state, -MAX_INTEGER), "to_s": high.get(state, MAX_INTEGER)}  # type: ignore[arg-type]


async def watch(session: Session, patience: Patience) -> bool:
    """Take in what was heard, and judge the fleet if it is due and nobody else is at it; whether it was judged."""
    if not await repository.try_lock(session):
        return False
    judged_s = await repository.catch_up(session)
    now_s = int(clock.now_s())
    # A clock that was set back is due at once: the last judgement says nothing about this time.
    if judged_s is not None and 0 <= now_s - judged_s < patience.cadence_s / JUDGEMENTS_A_CADENCE:
        return False
    await _judge(session, patience, now_s)
    return True


async def _judge(session: Session, patience: Patience, now_s: int) -> None:
    moved = await repository.judge(session, patience.bounds(now_s), now_s, MAX_DEVICES_LISTED)
    if not moved:
        return
    counts, fleet_wide = await _counts(session, patience, now_s)
    changed = moved[0].changed
    devices = [
        DeviceLink(device_id=row.device_id, state=LinkState(row.state), last_heard_at=_moment(row.heard_s))
        for row in moved
    ]
    told = ConnectivityChanged(
        as_of=_moment(now_s), changed=changed, counts=counts, fleet_wide=fleet_wide, devices=devices
    )
    await emit(session, told)
    log.info("connectivity_changed", changed=changed, fleet_wide=fleet_wide, **counts.model_dump())


async def overview(session: Session, patience: Patience, state: LinkState | None, paging: Paging) -> Mapping[str, Any]:
    """The fleet as of now: devices by state, and one page of those in `state`, the longest silent first."""
    now_s = int(clock.now_s())
    counts, fleet_wide = await _counts(session, patience, now_s)
    rows = await repository.page(session, patience.span(state, now_s), patience.bounds(now_s), paging)
    by_state = counts.model_dump()
    return {
        "items": [{**row, "silent_s": max(now_s - int(row["last_heard_at"].timestamp()), 0)} for row in rows],
        "total": by_state[state] if state else sum(by_state.values()),
        "page": paging.page,
        "size": paging.size,
        "counts": counts,
        "fleet_wide": fleet_wide,
        "late_after_s": patience.late_after_s,
        "disconnected_after_s": patience.disconnected_after_s,
        "as_of": _moment(now_s),
    }


async def _counts(session: Session, patience: Patience, now_s: int) -> tuple[LinkCounts, bool]:
    """Devices by state, and whether so many fell silent within one cadence that it is not their fault."""
    row = await repository.counts(session, {**patience.bounds(now_s), "cadence_s": patience.cadence_s})
    silent = row.newly_silent
    fleet_wide = silent >= FEWEST_FLEET_WIDE and silent > patience.share * (row.connected + silent)
    return LinkCounts(connected=row.connected, late=row.late, disconnected=row.disconnected), fleet_wide


def _moment(timestamp_s: int) -> datetime:
    return datetime.fromtimestamp(timestamp_s, UTC)
