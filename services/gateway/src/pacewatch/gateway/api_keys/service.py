"""API keys for devices, pipelines and the trainer: long-lived signed tokens that carry their scopes."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from pacewatch.contracts.accounts import Scope
from pacewatch.gateway.accounts.managers import Actor
from pacewatch.gateway.api_keys import repository
from pacewatch.gateway.api_keys.schemas import NewApiKey
from pacewatch.gateway.credentials import revocations
from pacewatch.gateway.errors import (
    BoundToTooMuch,
    KeyNameTaken,
    NotForBoundKeys,
    NotForKeys,
    NotForKeysOfSites,
)
from pacewatch.gateway.security import repository as security
from pacewatch.kit import logs
from pacewatch.kit.db import Session
from pacewatch.kit.http.auth import API_KEY_ROLE, Signer

# What a key that is bound to devices can be checked for, row by row.
SCOPES_OF_BOUND_KEYS: Final = frozenset({Scope.TELEMETRY_WRITE, Scope.OUTCOMES_WRITE, Scope.DEVICES_WRITE})
# Servers have 8 kB for a header.
LONGEST_TOKEN: Final = 7_000

log = logs.get(__name__)


async def create_key(session: Session, signer: Signer, new: NewApiKey, by: Actor) -> dict[str, Any]:
    """The new key with its token, which is not stored; NotForKeys, NotForBoundKeys, NotForKeysOfSites, KeyNameTaken.

    BoundToTooMuch if servers might refuse a header with its token.
    """
    if Scope.USERS_MANAGE in new.scopes:
        raise NotForKeys()
    is_bound = new.devices is not None or new.sites is not None
    if is_bound and not SCOPES_OF_BOUND_KEYS.issuperset(new.scopes):
        raise NotForBoundKeys()
    if new.sites is not None and Scope.DEVICES_WRITE in new.scopes:
        raise NotForKeysOfSites()
    key_id, scopes, lifetime = uuid4(), sorted(set(new.scopes)), timedelta(days=new.days)
    devices = None if new.devices is None else [one.model_dump() for one in new.devices]
    values = {"id": key_id, "name": new.name, "scopes": scopes, "sites": new.sites, "days": new.days}
    own = {"kid": signer.key_id, "created_by": by.name, "creator_id": by.account_id}
    key = await repository.add(session, devices, **values, **own)
    if key is None:
        raise KeyNameTaken()
    ranges = None if new.devices is None else [[one.first, one.last] for one in new.devices]
    bound = {name: value for name, value in (("devices", ranges), ("sites", new.sites)) if value is not None}
    token = signer.sign(f"key:{key_id}", role=API_KEY_ROLE, scopes=scopes, lifetime=lifetime, jti=str(key_id), **bound)
    if len(token) > LONGEST_TOKEN:
        raise BoundToTooMuch()
    log.info("api_key_created", name=new.name, key_id=str(key_id), scopes=scopes, by=by.name)
    await security.record(session, "key_created", by, f"key:{key_id} {new.name}: {' '.join(scopes)}")
    return key | {"token": token}


async def revoke_key(session: Session, key_id: UUID, by: Actor) -> None:
    """Revoke a key in every process, whether its row is here or was lost with a restore."""
    name = await repository.revoke(session, key_id)
    await revocations.notify(session)
    log.info("api_key_revoked", name=name, key_id=str(key_id), by=by.name)
    await security.record(session, "key_revoked", by, f"key:{key_id} {name}")
