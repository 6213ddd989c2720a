"""The HTTP client of a live fleet: it signs in, retries, and raises DeliveryError with a plain sentence."""

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
    """The server refused the rows, or was unreachable for too long."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account to sign in with when no token is given."""

    email: str
    password: str


def _ignore(_message: str) -> None:
    """The default for `on_retry`: no message."""


class Client:
    """Posts rows to a platform at `http.base_url`, with the bearer `token` or signed in as `account`.

    Connection errors, 429 and 503 are retried for `retry_for_s`, always under the same Idempotency-Key, so that a lost
    response never stores a row twice; `on_retry` gets a message for every retry. An expired token is renewed.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        token: str = "",
        account: Account | None = None,
        retry_for_s: float = 300.0,
        on_retry: Callable[[str], object] = _ignore,
    ) -> None:
        self._http, self._token, self._account = http, token, account
        self._retry_for_s, self._on_retry = retry_for_s, on_retry

    async def post(self, path: str, rows: list[Row]) -> None:
        """Post `rows`; returns when the server has confirmed that they are stored. Raises DeliveryError."""
        if self._account and not self._token:
            await self._sign_in(self._account)
        key = str(uuid4())
        response = await self._post_once(path, key, rows)
        if response.status_code == HTTPStatus.UNAUTHORIZED and self._account:
            await self._sign_in(self._account)
            response = await self._post_once(path, key, rows)
        _raise_for_error(response)

    async def _post_once(self, path: str, key: str, rows: list[Row]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        return await self._send_with_retries(self._http.build_request("POST", path, json=rows, headers=headers))

    async def _sign_in(self, account: Account) -> None:
        form = {"username": account.email, "password": account.password}
        response = await self._send_with_retries(self._http.build_request("POST", LOGIN_PATH, data=form))
        _raise_for_error(response)
        self._token = response.json()["access_token"]

    async def _send_with_retries(self, request: httpx.Request) -> httpx.Response:
        """The first final response; pauses double from `FIRST_PAUSE_S`, or are as long as `Retry-After` says."""
        give_up_at_s, pause_s = time.monotonic() + self._retry_for_s, FIRST_PAUSE_S
        while True:
            wait_s = pause_s
            try:
                response = await self._http.send(request)
                if response.status_code not in RETRIED:
                    return response
                problem, wait_s = f"answered {response.status_code}", _retry_after_s(response, pause_s)
            except httpx.TransportError as error:
                problem = f"could not be reached ({type(error).__name__})"
            if time.monotonic() + wait_s > give_up_at_s:
                raise DeliveryError(f"{request.url} {problem} for {self._retry_for_s:.0f} s; is the server up?")
            self._on_retry(f"{request.url} {problem}; next try in {wait_s:.0f} s")
            await asyncio.sleep(wait_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _retry_after_s(response: httpx.Response, default_s: float) -> float:
    seconds = response.headers.get("Retry-After", "")
    return float(seconds) if seconds.isdigit() else default_s


def _raise_for_error(response: httpx.Response) -> None:
    if response.is_error:
        raise DeliveryError(f"{response.request.url} refused with {response.status_code}: {response.text[:500]}")
