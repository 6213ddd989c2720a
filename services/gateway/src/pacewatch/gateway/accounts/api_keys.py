"""API keys, for devices, pipelines and the trainer: long-lived signed tokens that carry their scopes."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from pacewatch.contracts.accounts import Scope
from pacewatch.gateway.errors import KeyNotFound, NotForKeys
from pacewatch.gateway.schemas import NewApiKey
from pacewatch.kit import logs
from pacewatch.kit.db import Session
from pacewatch.kit.http.auth import Signer, Verifier
from pacewatch.kit.module import Resources

ROLE = "api-key"

_ADD = sa.text("""
    INSERT INTO gateway.api_keys (id, name, scopes, created_by, expires_at)
    VALUES (:id, :name, :scopes, :created_by, clock_timestamp() + make_interval(days => :days)) RETURNING *
""")
_LIST = sa.text("SELECT * FROM gateway.api_keys ORDER BY created_at DESC, id LIMIT :limit OFFSET :offset")
_COUNT = sa.text("SELECT count(*) FROM gateway.api_keys")
_REVOKE = sa.text("""
    UPDATE gateway.api_keys SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE id = :id RETURNING name
""")

_REVOKED = sa.text("""
    SELECT id FROM gateway.api_keys WHERE revoked_at IS NOT NULL AND expires_at > clock_timestamp()
""")
_RING = sa.text("SELECT pg_notify(:channel, '')")
_EXISTS = sa.text("SELECT to_regclass('gateway.api_keys') IS NOT NULL")

CHANNEL: Final = "pacewatch_gateway_revocations"
# How long a revoked key can still be good when the NOTIFY was lost.
POLL_S: Final = 5.0

log = logs.get(__name__)


async def create(session: Session, signer: Signer, new: NewApiKey, by: str) -> dict[str, Any]:
    """The key with its token, which is stored nowhere; NotForKeys."""
    if Scope.USERS_MANAGE in new.scopes:
        raise NotForKeys()
    key_id, scopes = uuid4(), sorted(set(new.scopes))
    token = signer.sign(new.name, role=ROLE, scopes=scopes, lifetime=timedelta(days=new.days), jti=str(key_id))
    values = {"id": key_id, "name": new.name, "scopes": scopes, "created_by": by, "days": new.days}
    row = (await session.execute(_ADD, values)).mappings().one()
    log.info("api_key_created", name=new.name, key_id=str(key_id), scopes=scopes, by=by)
    return dict(row) | {"token": token}


async def list_keys(session: Session, limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
    """Keys newest first, and how many there are in all."""
    rows = await session.execute(_LIST, {"limit": limit, "offset": offset})
    return [dict(row) for row in rows.mappings()], int(await session.scalar(_COUNT) or 0)


async def revoke(session: Session, key_id: UUID, by: str) -> None:
    """The key is good no more; KeyNotFound."""
    name = await session.scalar(_REVOKE, {"id": key_id})
    if name is None:
        raise KeyNotFound()
    await session.execute(_RING, {"channel": CHANNEL})
    log.info("api_key_revoked", name=name, key_id=str(key_id), by=by)


async def keep_refusing(resources: Resources, verifier: Verifier) -> None:
    """Tell a process' verifier which keys were revoked, until cancelled: every process of the platform runs this."""
    wakeup = resources.wakeups.subscribe(CHANNEL)
    while True:
        async with resources.database.transaction("gateway") as session:
            if await session.scalar(_EXISTS):
                verifier.set_revoked(map(str, (await session.scalars(_REVOKED)).all()))
        await wakeup.wait(POLL_S)
