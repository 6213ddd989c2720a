"""An account in RabbitMQ for each service, with exactly the rights that `rights` declares.

A service may send its own events and receive from its own queues. It may declare nothing, since an account that
may declare a queue may delete it: `migrate` declares all queues.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx

from pacewatch.kit import logs
from pacewatch.kit.accounts import Accounts
from pacewatch.kit.errors import Unavailable
from pacewatch.launcher.runtime.rights import Rights

NOTHING: Final = "^$"
TIMEOUT_S: Final = 30

log = logs.get(__name__)


def definitions(rights: Iterable[Rights], accounts: Accounts, amqp_url: str, prefix: str) -> dict[str, Any]:
    """The accounts as RabbitMQ imports them: users with hashed passwords, and their permissions."""
    vhost = unquote(urlsplit(amqp_url).path[1:]) or "/"
    imported: dict[str, Any] = {"users": [], "permissions": [], "topic_permissions": []}
    for one in rights:
        account = {"user": accounts.name(one.service), "vhost": vhost}
        imported["users"].append(_user(accounts.name(one.service), accounts.password(one.service)))
        imported["permissions"].append(
            account
            | {
                "configure": NOTHING,
                "write": _any_of([f"{prefix}pacewatch"] if one.sends else []),
                "read": _any_of([prefix + queue for queue in one.receives]),
            }
        )
        imported["topic_permissions"].append(
            account | {"exchange": f"{prefix}pacewatch", "write": _any_of(one.sends), "read": NOTHING}
        )
    return imported


async def upload(api_url: str, imported: dict[str, Any]) -> None:
    """Import `imported` through the management API; a second time changes nothing. Unavailable if it is refused."""
    url = httpx.URL(api_url)
    login = httpx.BasicAuth(url.username, url.password)
    try:
        async with httpx.AsyncClient(base_url=url.copy_with(userinfo=b""), auth=login, timeout=TIMEOUT_S) as client:
            (await client.post("/api/definitions", json=imported)).raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(f"PACEWATCH_AMQP_API_URL: RabbitMQ did not take the accounts: {error}") from None
    log.info("broker_accounts_made", users=[user["name"] for user in imported["users"]])


def _user(name: str, password: str) -> dict[str, Any]:
    """No tag: it cannot use the management API. The hash is RabbitMQ's: four bytes of salt before the digest."""
    salt = secrets.token_bytes(4)
    digest = hashlib.sha256(salt + password.encode()).digest()
    hashed = base64.b64encode(salt + digest).decode()
    return {"name": name, "password_hash": hashed, "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ""}


def _any_of(names: Iterable[str]) -> str:
    """A regular expression for exactly these names; for none of them, one that matches no name."""
    escaped = [re.escape(name) for name in names]
    return f"^({'|'.join(escaped)})$" if escaped else NOTHING
