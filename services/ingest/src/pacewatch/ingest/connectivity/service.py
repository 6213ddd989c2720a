"""Decides by its silence whether a device is connected, late or disconnected, and emits changes of the fleet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pacewatch.contracts.base import MAX_INTEGER, Paging
from pacewatch.contracts.devices import MAX_DEVICES_LISTED, ConnectivityChanged, DeviceLink, LinkCounts, LinkState
from pacewatch.contracts.profile import Profile
from pacewatch.ingest import downtime
from pacewatch.ingest.connectivity import repository
from pacewatch.ingest.downtime import Downtime
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit

UPDATES_PER_CADENCE: Final = 4
# In a fleet of three, one silent device is a third of the fleet, but not a failure of the gateway.
MIN_FLEET_WIDE: Final = 3

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class SilenceLimits:
    """How long a device may be silent, seconds; if more than `share` of the fleet is silent, the network failed."""

    cadence_s: int
    late_after_s: int
    disconnected_after_s: int
    share: float

    @classmethod
    def of(cls, profile: Profile, settings: IngestSettings) -> "SilenceLimits":
        """The limits for the profile's cadence."""
        late_s, disconnected_s = (
            int(profile.cadence_s * cadences)
            for cadences in (settings.late_after_cadences, settings.disconnected_after_cadences)
        )
        return cls(profile.cadence_s, late_s, max(late_s, disconnected_s), settings.fleet_wide_share)

    def bounds(self, now_s: int, downtimes: Sequence[Downtime]) -> dict[str, int]:
        """The Unix seconds before which the last arrival makes a device late, or disconnected.

        Who was heard before `late_s` and from `newly_late_s` on became late within the last cadence.
        """
        limits = {
            "late_s": self.late_after_s,
            "newly_late_s": self.late_after_s + self.cadence_s,
            "disconnected_s": self.disconnected_after_s,
        }
        return {name: downtime.up_for(silent_s, now_s, downtimes) for name, silent_s in limits.items()}

    def span(self, state: LinkState | None, bounds: Mapping[str, int]) -> dict[str, int]:
        """The span of last arrivals of devices in `state`: from `from_s`, before `to_s`, Unix seconds."""
        low = {LinkState.CONNECTED: bounds["late_s"], LinkState.LATE: bounds["disconnected_s"]}
        high = {LinkState.LATE: bounds["late_s"], LinkState.DISCONNECTED: bounds["disconnected_s"]}
        return {"from_s": low.get(state, -MAX_INTEGER), "to_s": high.get(state, MAX_INTEGER)}  # type: ignore[arg-type]


async def update_connectivity(session: Session, limits: SilenceLimits) -> bool:
    """Record arrivals, and update states if due; whether it updated them. One process at a time, others do nothing."""
    if not await repository.try_lock(session):
        return False
    updated_s = await repository.record_arrivals(session)
    now_s = int(clock.now_s())
    # If the clock was set back, states are due at once: the last update was for a later time.
    if updated_s is not None and 0 <= now_s - updated_s < limits.cadence_s / UPDATES_PER_CADENCE:
        return False
    await _update_states(session, limits, now_s)
    return True


async def _update_states(session: Session, limits: SilenceLimits, now_s: int) -> None:
    bounds = limits.bounds(now_s, await downtime.newest(session))
    moved = await repository.update_states(session, bounds, now_s, MAX_DEVICES_LISTED)
    unnamed = await downtime.unnamed(session)
    if not moved and not unnamed:
        return
    counts, fleet_wide = await _counts(session, limits, bounds)
    changed = moved[0].changed if moved else 0
    devices = [
        DeviceLink(device_id=row.device_id, state=LinkState(row.state), last_heard_at=_datetime(row.heard_s))
        for row in moved
    ]
    span = _span_of(max(unnamed, default=None))
    event = ConnectivityChanged(
        as_of=_datetime(now_s), changed=changed, counts=counts, fleet_wide=fleet_wide, devices=devices, **span
    )
    await emit(session, event)
    log.info("connectivity_changed", changed=changed, fleet_wide=fleet_wide, **counts.model_dump())


async def overview(
    session: Session, limits: SilenceLimits, state: LinkState | None, paging: Paging
) -> Mapping[str, Any]:
    """The fleet as of now: counts by state, and one page of devices in `state`, the longest silent first.

    Names the last downtime while it is left out of the silence of a device that is not disconnected.
    """
    now_s, downtimes = int(clock.now_s()), await downtime.newest(session)
    bounds = limits.bounds(now_s, downtimes)
    counts, fleet_wide = await _counts(session, limits, bounds)
    rows = await repository.page(session, limits.span(state, bounds), bounds, paging)
    by_state = counts.model_dump()
    silences = [downtime.up_since(int(row["last_heard_at"].timestamp()), now_s, downtimes) for row in rows]
    return {
        "items": [{**row, "silent_s": silent_s} for row, silent_s in zip(rows, silences, strict=True)],
        "total": by_state[state] if state else sum(by_state.values()),
        "page": paging.page,
        "size": paging.size,
        "counts": counts,
        "fleet_wide": fleet_wide,
        "late_after_s": limits.late_after_s,
        "disconnected_after_s": limits.disconnected_after_s,
        "as_of": _datetime(now_s),
        **_span_of(next((down for down in downtimes if down.to_s > bounds["disconnected_s"]), None)),
    }


async def _counts(session: Session, limits: SilenceLimits, bounds: Mapping[str, int]) -> tuple[LinkCounts, bool]:
    """Devices by state, and whether so many fell silent within one cadence that the network failed."""
    row = await repository.counts(session, bounds)
    silent = row.newly_silent
    fleet_wide = silent >= MIN_FLEET_WIDE and silent > limits.share * (row.connected + silent)
    return LinkCounts(connected=row.connected, late=row.late, disconnected=row.disconnected), fleet_wide


def _span_of(down: Downtime | None) -> dict[str, datetime | None]:
    return {
        "downtime_began_at": _datetime(down.from_s) if down else None,
        "downtime_ended_at": _datetime(down.to_s) if down else None,
    }


def _datetime(timestamp_s: int) -> datetime:
    return datetime.fromtimestamp(timestamp_s, UTC)
