"""HTTP schemas of connectivity."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model

from pacewatch.contracts.devices import LinkCounts, LinkState
from pacewatch.contracts.profile import Profile
from pacewatch.kit.tables.device_names import DEVICE


@cache
def connectivity_model(profile: Profile) -> type[BaseModel]:
    """The fleet of `profile` by connectivity, and one page of its devices."""
    device: dict[str, Any] = {
        profile.device_field: (int, ...),
        "device": DEVICE,
        "state": (LinkState, ...),
        "last_heard_at": (Annotated[datetime, Field(description="when live readings last arrived, fleet time")], ...),
        "silent_s": (Annotated[int, Field(description="since then, without our own downtimes")], ...),
    }
    rows: Any = Sequence[create_model(f"{profile.name.capitalize()}Link", **device)]  # type: ignore[misc]
    fleet_wide = "so many devices fell silent at once that the gateway is the likely cause"
    downtime = "Pacewatch itself received nothing from then to `downtime_ended_at`; it counts as nobody's silence"
    fields: dict[str, Any] = {
        "items": (rows, ...),
        **dict.fromkeys(("total", "page", "size"), (int, ...)),
        "counts": (LinkCounts, ...),
        "fleet_wide": (Annotated[bool, Field(description=fleet_wide)], ...),
        "late_after_s": (int, ...),
        "disconnected_after_s": (int, ...),
        "as_of": (datetime, ...),
        "downtime_began_at": (Annotated[datetime | None, Field(description=downtime)], None),
        "downtime_ended_at": (datetime | None, None),
    }
    return create_model(f"{profile.name.capitalize()}Connectivity", **fields)
