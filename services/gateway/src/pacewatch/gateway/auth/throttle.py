"""Slows down guessing: after ten wrong passwords or codes an address waits 1 s, then 2 s, 4 s ... up to 15 minutes.

The attempts of an address on one account are counted, so that nobody can lock out somebody who is elsewhere; nginx
limits an address on all accounts. An attempt is counted before its password is checked, so that simultaneous attempts
cannot all pass. Unknown accounts are counted as well: the response does not show which accounts exist.
"""

import math

import sqlalchemy as sa

from pacewatch.kit.db import Session
from pacewatch.kit.http.security import network_of

_COUNT = sa.text("""
    INSERT INTO gateway.login_throttle AS counted (account, address, attempts, last_at)
    VALUES (:account, :address, 1, clock_timestamp())
    ON CONFLICT (account, address) DO UPDATE SET
        attempts =
            CASE WHEN counted.last_at < clock_timestamp() - interval '1 hour' THEN 1 ELSE counted.attempts + 1 END,
        last_at = clock_timestamp(),
        blocked_until = CASE
            WHEN counted.attempts >= 9 AND counted.last_at >= clock_timestamp() - interval '1 hour'
            THEN clock_timestamp() + make_interval(secs => least(power(2, least(counted.attempts - 9, 20)), 900))
        END
    WHERE counted.blocked_until IS NULL OR counted.blocked_until <= clock_timestamp()
    RETURNING attempts
""")
_WAIT_S = sa.text("""
    SELECT extract(epoch FROM blocked_until - clock_timestamp()) FROM gateway.login_throttle
    WHERE account = :account AND address = :address
""")
_RESET = sa.text("DELETE FROM gateway.login_throttle WHERE account = :account AND address = :address")
_PRUNE = sa.text("DELETE FROM gateway.login_throttle WHERE last_at < clock_timestamp() - interval '1 day'")


async def count_attempt(session: Session, email: str, address: str) -> int:
    """Count a login attempt and return 0, or return how many seconds the address must wait for its next one."""
    values = {"account": email, "address": network_of(address)}
    if (await session.execute(_COUNT, values)).first() is not None:
        return 0
    wait_s = await session.scalar(_WAIT_S, values)
    return max(1, math.ceil(wait_s or 0))


async def reset_attempts(session: Session, email: str, address: str) -> None:
    """Forget the attempts of this address on this account after a successful login."""
    await session.execute(_RESET, {"account": email, "address": network_of(address)})


async def prune(session: Session) -> None:
    """Delete attempts that no longer count."""
    await session.execute(_PRUNE)
