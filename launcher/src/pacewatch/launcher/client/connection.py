"""A signed-in HTTP client of a running platform, for commands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import httpx

from pacewatch.launcher.errors import UploadError


@dataclass(frozen=True, slots=True)
class Connection:
    """The platform's address, and either a token or an account to sign in with."""

    url: str
    token: str
    email: str
    password: str

    @classmethod
    def from_environment(cls, url: str, email: str) -> "Connection":
        """With the secrets of the environment: PACEWATCH_TOKEN, or PACEWATCH_PASSWORD for the account `email`."""
        token = "" if email else os.environ.get("PACEWATCH_TOKEN", "")
        return cls(url, token, email, os.environ.get("PACEWATCH_PASSWORD", ""))

    @contextmanager
    def open(self) -> Iterator[httpx.Client]:
        """A signed-in client. UploadError if the platform cannot be reached, now or within the block."""
        try:
            with httpx.Client(base_url=self.url, timeout=60) as client:
                client.headers["Authorization"] = f"Bearer {self.token or self._sign_in(client)}"
                yield client
        except (httpx.TransportError, OSError) as error:
            raise UploadError(f"{self.url}: {type(error).__name__} {error}; is the platform running?") from None

    def _sign_in(self, client: httpx.Client) -> str:
        if not self.email:
            raise UploadError("no credentials: set PACEWATCH_TOKEN, or give --email and set PACEWATCH_PASSWORD")
        form = {"username": self.email, "password": self.password}
        token: str = json_of(client.post("/api/v1/auth/login", data=form))["access_token"]
        return token


def json_of(response: httpx.Response) -> Any:
    """The response's JSON. UploadError if the platform refused the request."""
    if response.is_error:
        raise_refusal(response)
    return response.json()


def raise_refusal(response: httpx.Response) -> NoReturn:
    """UploadError with the problem's code and detail, or with the body of a server that is not ours."""
    try:
        problem = response.json()
        message = f"{problem['code']}: {problem['detail']}"
    except (ValueError, KeyError, TypeError):
        message = response.text[:500]
    raise UploadError(f"{response.request.url} answered {response.status_code}, {message}")
