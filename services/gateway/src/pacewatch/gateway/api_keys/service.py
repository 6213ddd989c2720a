"""API keys for devices, pipelines and the trainer: long-lived signed tokens that carry their scopes."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from pacewatch.contracts.accounts import Scope
from pacewatch.gateway.api_keys import repository
from pacewatch.gateway.api_keys.schemas import NewApiKey
from pacewatch.gateway.errors import KeyNotFound, NotForKeys
from pacewatch.kit import logs
from pacewatch.kit.db import Session
from pacewatch.kit.http.auth import Signer

ROLE: Final = "api-key"

log = logs.get(__name__)


async def create_key(session: Session, signer: Signer, new: NewApiKey, by: str) -> dict[str, Any]:
    """The new key with its token, which is not stored; NotForKeys."""
    if Scope.USERS_MANAGE in new.scopes:
        raise NotForKeys()
    key_id, scopes = uuid4(), sorted(set(new.scopes))
    token = signer.sign(new.name, role=ROLE, scopes=scopes, lifetime=timedelta(days=new.days), jti=str(key_id))
    key = await repository.add(session, id=key_id, name=new.name, scopes=scopes, created_by=by, days=new.days)
    log.info("api_key_created", name=new.name, key_id=str(key_id), scopes=scopes, by=by)
    return key | {"token": token}


async def revoke_key(session: Session, key_id: UUID, by: str) -> None:
    """Revoke a key; KeyNotFound."""
    name = await repository.revoke(session, key_id)
    if name is None:
        raise KeyNotFound()
    log.info("api_key_revoked", name=name, key_id=str(key_id), by=by)
