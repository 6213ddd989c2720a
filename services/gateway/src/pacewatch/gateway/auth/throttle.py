"""Slows down password guessing: after ten attempts an account waits 1 s, then 2 s, 4 s ... up to 15 minutes.

An attempt is counted before its password is checked, so that simultaneous attempts cannot all pass. Unknown accounts
are counted as well: the response does not show which accounts exist.
"""

import math

import sqlalchemy as sa

from pacewatch.kit.db import Session

_COUNT = sa.text("""
    INSERT INTO gateway.login_attempts AS counted (account, attempts, last_at) VALUES (:account, 1, clock_timestamp())
    ON CONFLICT (account) DO UPDATE SET
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
    SELECT extract(epoch FROM blocked_until - clock_timestamp()) FROM gateway.login_attempts WHERE account = :account
""")
_RESET = sa.text("DELETE FROM gateway.login_attempts WHERE account = :account")
_PRUNE = sa.text("DELETE FROM gateway.login_attempts WHERE last_at < clock_timestamp() - interval '1 day'")


async def count_attempt(session: Session, email: str) -> int:
    """Count a login attempt and return 0, or return how many seconds the account must wait for its next one."""
    account = {"account": email.lower()}
    if (await session.execute(_COUNT, account)).first() is not None:
        return 0
    wait_s = await session.scalar(_WAIT_S, account)
    return max(1, math.ceil(wait_s or 0))


async def reset_attempts(session: Session, email: str) -> None:
    """Forget the account's attempts after a successful login."""
    await session.execute(_RESET, {"account": email.lower()})


async def prune(session: Session) -> None:
    """Delete attempts that no longer count."""
    await session.execute(_PRUNE)
