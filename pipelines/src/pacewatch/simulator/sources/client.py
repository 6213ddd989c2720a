"""The posting side of a live fleet: it signs in, retries what may be retried, and gives up with a plain sentence."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import uuid4

import httpx

from pacewatch.simulator.sources.rows import Row

LOGIN_PATH = "/api/v1/auth/login"
RETRIED = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0


class DeliveryError(Exception):
    """The server refused the rows, or could not be reached for too long."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who posts, where no token is given."""

    email: str
    password: str


def _silence(_said: str) -> None:
    """Tell nobody."""


class Client:
    """Posts rows to a platform at `http.base_url`, as the bearer of `token` or signed in as `account`.

    Connection errors, 429 and 503 are retried for `patience_s`, always under the same Idempotency-Key, so that an
    answer lost on the way never stores a row twice; `tell` hears of every retry. An expired sign-in is renewed.
    DeliveryError says why it gave up.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        token: str = "",
        account: Account | None = None,
        patience_s: float = 300.0,
        tell: Callable[[str], object] = _silence,
    ) -> None:
        self._http, self._token, self._account = http, token, account
        self._patience_s, self._tell = patience_s, tell

    async def post(self, path: str, rows: list[Row]) -> None:
        """Deliver `rows`; returns when the server has answered that they are safe."""
        if self._account and not self._token:
            await self._sign_in(self._account)
        key = str(uuid4())
        answer = await self._send(path, key, rows)
        if answer.status_code == HTTPStatus.UNAUTHORIZED and self._account:
            await self._sign_in(self._account)
            answer = await self._send(path, key, rows)
        _check(answer)

    async def _send(self, path: str, key: str, rows: list[Row]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        return await self._patiently(self._http.build_request("POST", path, json=rows, headers=headers))

    async def _sign_in(self, account: Account) -> None:
        form = {"username": account.email, "password": account.password}
        answer = await self._patiently(self._http.build_request("POST", LOGIN_PATH, data=form))
        _check(answer)
        self._token = answer.json()["access_token"]

    async def _patiently(self, request: httpx.Request) -> httpx.Response:
        """The first answer that is final; pauses double from `FIRST_PAUSE_S`, or are as long as the server asks."""
        give_up_at_s, pause_s = time.monotonic() + self._patience_s, FIRST_PAUSE_S
        while True:
            wait_s = pause_s
            try:
                answer = await self._http.send(request)
                if answer.status_code not in RETRIED:
                    return answer
                why, wait_s = f"answered {answer.status_code}", _asked_pause_s(answer, pause_s)
            except httpx.TransportError as error:
                why = f"could not be reached ({type(error).__name__})"
            if time.monotonic() + wait_s > give_up_at_s:
                raise DeliveryError(f"{request.url} {why} for {self._patience_s:.0f} s; is the server up?")
            self._tell(f"{request.url} {why}; next try in {wait_s:.0f} s")
            await asyncio.sleep(wait_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _asked_pause_s(answer: httpx.Response, otherwise_s: float) -> float:
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isdigit() else otherwise_s


def _check(answer: httpx.Response) -> None:
    if answer.is_error:
        raise DeliveryError(f"{answer.request.url} refused with {answer.status_code}: {answer.text[:500]}")
