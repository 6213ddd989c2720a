"""Guessing a password gets slow: after ten attempts an account waits a second, then two, four ... a quarter of an hour.

An attempt is counted before its password is looked at, so that many at once cannot all slip in. Known and unknown
accounts are counted alike: the answer does not tell which exist.
"""

import math

import sqlalchemy as sa

from pacewatch.kit.db import Session

_COUNT = sa.text("""
    INSERT INTO gateway.login_attempts AS known (account, attempts, last_at) VALUES (:account, 1, clock_timestamp())
    ON CONFLICT (account) DO UPDATE SET
        attempts = CASE WHEN known.last_at < clock_timestamp() - interval '1 hour' THEN 1 ELSE known.attempts + 1 END,
        last_at = clock_timestamp(),
        blocked_until = CASE
            WHEN known.attempts >= 9 AND known.last_at >= clock_timestamp() - interval '1 hour'
            THEN clock_timestamp() + make_interval(secs => least(power(2, least(known.attempts - 9, 20)), 900))
        END
    WHERE known.blocked_until IS NULL OR known.blocked_until <= clock_timestamp()
    RETURNING attempts
""")
_LEFT = sa.text("""
    SELECT extract(epoch FROM blocked_until - clock_timestamp()) FROM gateway.login_attempts WHERE account = :account
""")
_FORGET = sa.text("DELETE FROM gateway.login_attempts WHERE account = :account")
_PRUNE = sa.text("DELETE FROM gateway.login_attempts WHERE last_at < clock_timestamp() - interval '1 day'")


async def admit(session: Session, email: str) -> int:
    """0 if `email` may try now, and that is counted; else how many seconds it must wait."""
    account = {"account": email.lower()}
    if (await session.execute(_COUNT, account)).first() is not None:
        return 0
    left_s = await session.scalar(_LEFT, account)
    return max(1, math.ceil(left_s or 0))


async def forget(session: Session, email: str) -> None:
    """It was the owner."""
    await session.execute(_FORGET, {"account": email.lower()})


async def prune(session: Session) -> None:
    """Drop what no longer counts."""
    await session.execute(_PRUNE)
