"""What a key may send that is bound to devices, to sites, or to both; what it may not send becomes a security event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from fastapi import Request
from numpy.typing import NDArray

from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.db import Session, driver
from pacewatch.kit.http import security
from pacewatch.kit.http.auth import Principal

_SHOWN: Final = 3
# The site of a device at a time: of the entries that hold by then, the latest.
_IS_AT_SITE: Final = """
    SELECT coalesce((
        SELECT as_text FROM ingest.device_attributes AS held
        WHERE held.device_id = given.device_id AND attribute = 'site' AND valid_from_s <= given.timestamp_s
        ORDER BY valid_from_s DESC LIMIT 1
    ) = ANY($3::text[]), false) AS is_at_site
    FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS given (device_id, timestamp_s, place) ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class BoundKey:
    """The bound key of a request."""

    request: Request
    principal: Principal

    @classmethod
    def of(cls, request: Request, principal: Principal) -> "BoundKey | None":
        """The caller's key, None if the caller may send for every device."""
        return cls(request, principal) if principal.is_bound else None

    async def owns(self, session: Session, device_ids: Ints, times_s: Ints) -> NDArray[np.bool_]:
        """Whether each device is one of the key's at that time, Unix seconds; others are noted."""
        is_own = np.ones(len(device_ids), dtype=np.bool_)
        if self.principal.devices is not None:
            ranges = [(device_ids >= first) & (device_ids <= last) for first, last in self.principal.devices]
            is_own &= np.any(ranges, axis=0)
        if self.principal.sites is not None and len(device_ids):
            columns = device_ids.tolist(), times_s.tolist(), list(self.principal.sites)
            is_own &= [row["is_at_site"] for row in await (await driver(session)).fetch(_IS_AT_SITE, *columns)]
        self._note(device_ids[~is_own].tolist())
        return is_own

    def _note(self, foreign: Sequence[int]) -> None:
        """Count the rows under the first devices: who sends the same ones each minute gets one event an hour."""
        if foreign:
            shown = sorted(set(foreign))
            more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
            route = f"{self.request.method} {self.request.scope['route'].path}"
            detail = f"{route}: {', '.join(map(str, shown[:_SHOWN]))}{more}"
            security.note(self.request, "device_not_allowed", detail, len(foreign))
