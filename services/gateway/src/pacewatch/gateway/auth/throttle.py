"""Slows down guessing: after ten wrong passwords or codes an address waits 1 s, then 2 s, 4 s ... up to 15 minutes.

The attempts of an address on one account are counted, so that nobody can lock out somebody who is elsewhere; nginx
limits an address on all accounts. An attempt is counted before its password is checked, so that simultaneous attempts
cannot all pass. Unknown accounts are counted as well: the response does not show which accounts exist. Names are not
stored, only which of some places their hash has, so that strangers can neither fill the table nor write into it.
"""

import hashlib
import math
from typing import Final

import sqlalchemy as sa

from pacewatch.kit.db import Session, has_come
from pacewatch.kit.http.security import network_of

# Two accounts of one place share the attempts of an address: that is rare with so many places.
PLACES: Final = 4_096
LONGEST_WAIT_S: Final = 900

_COUNT = sa.text(f"""
    INSERT INTO gateway.login_throttle AS counted (account, address, attempts, last_at)
    VALUES (:account, :address, 1, clock_timestamp())
    ON CONFLICT (account, address) DO UPDATE SET
        attempts =
            CASE WHEN counted.last_at < clock_timestamp() - interval '1 hour' THEN 1 ELSE counted.attempts + 1 END,
        last_at = clock_timestamp(),
        blocked_until = CASE
            WHEN counted.attempts >= 9 AND counted.last_at >= clock_timestamp() - interval '1 hour'
            THEN clock_timestamp()
                + make_interval(secs => least(power(2, least(counted.attempts - 9, 20)), {LONGEST_WAIT_S}))
        END
    WHERE counted.blocked_until IS NULL OR {has_come("counted.blocked_until", LONGEST_WAIT_S)}
    RETURNING attempts
""")  # noqa: S608 - constants
_WAIT_S = sa.text("""
    SELECT extract(epoch FROM blocked_until - clock_timestamp()) FROM gateway.login_throttle
    WHERE account = :account AND address = :address
""")
_RESET = sa.text("DELETE FROM gateway.login_throttle WHERE account = :account AND address = :address")
_PRUNE = sa.text("DELETE FROM gateway.login_throttle WHERE last_at < clock_timestamp() - interval '1 day'")


async def count_attempt(session: Session, email: str, address: str) -> int:
    """Count a login attempt and return 0, or return how many seconds the address must wait for its next one."""
    values = _key(email, address)
    if (await session.execute(_COUNT, values)).first() is not None:
        return 0
    wait_s = await session.scalar(_WAIT_S, values)
    return max(1, math.ceil(wait_s or 0))


async def reset_attempts(session: Session, email: str, address: str) -> None:
    """Forget the attempts of this address on this account after a successful login."""
    await session.execute(_RESET, _key(email, address))


async def prune(session: Session) -> None:
    """Delete attempts that no longer count."""
    await session.execute(_PRUNE)


def _key(email: str, address: str) -> dict[str, str]:
    place = int.from_bytes(hashlib.sha256(email.encode()).digest()[:8]) % PLACES
    return {"account": str(place), "address": network_of(address)}
