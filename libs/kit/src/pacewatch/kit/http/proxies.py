"""The address of the client behind proxies that the settings name."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_PEER: Final = "pacewatch.peer"


class ClientAddress:
    """Takes the address that a trusted proxy forwards, if it is one; else that of the peer.

    A proxy that passes on what it got would otherwise let a client write any text into audits.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        self._app = app
        self._forwarded = ProxyHeadersMiddleware(self._checked, list(trusted))  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_PEER] = scope.get("client")
        await self._forwarded(scope, receive, send)  # type: ignore[arg-type]

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer, client = scope.pop(_PEER), scope.get("client")
        if client is not None and client != peer and not _is_address(client[0]):
            scope["client"] = peer
        await self._app(scope, receive, send)


def _is_address(text: str) -> bool:
    try:
        # A zone, as in fe80::1%eth0, may be any text.
        return "%" not in text and bool(str(ip_address(text)))
    except ValueError:
        return False
