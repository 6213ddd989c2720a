"""Logging in and out over HTTP. The refresh token lives in a cookie that scripts and other sites cannot use."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Cookie, Depends, Form, Request, Response
from pydantic import Field

from pacewatch.contracts.accounts import Role, Scope
from pacewatch.contracts.base import Text
from pacewatch.gateway.accounts import repository
from pacewatch.gateway.auth import refresh_tokens
from pacewatch.gateway.auth import service as sessions
from pacewatch.gateway.auth.service import LoggedIn, MustWait
from pacewatch.gateway.schemas import Me, Token
from pacewatch.kit.errors import Unauthorized
from pacewatch.kit.http.auth import Principal, Signer, require
from pacewatch.kit.http.problems import problem
from pacewatch.kit.http.routing import SessionDep

COOKIE: Final = "pacewatch_refresh"
COOKIE_PATH: Final = "/api/v1/auth"

Credential = Annotated[Annotated[Text, Field(min_length=1, max_length=1_000)], Form()]
RefreshCookie = Annotated[str, Cookie(alias=COOKIE, max_length=200, include_in_schema=False)]


def add_auth_routes(router: APIRouter, signer: Signer, *, secure_cookies: bool) -> None:
    """login, refresh, logout, me."""

    def welcome(response: Response, logged_in: LoggedIn) -> Token:
        response.set_cookie(
            COOKIE,
            logged_in.refresh_token,
            max_age=int(refresh_tokens.LIFETIME.total_seconds()),
            path=COOKIE_PATH,
            secure=secure_cookies,
            httponly=True,
            samesite="strict",
        )
        response.headers["Cache-Control"] = "no-store"
        return logged_in.token

    @router.post("/auth/login", response_model=Token)
    async def login(
        request: Request, response: Response, session: SessionDep, username: Credential, password: Credential
    ) -> Any:
        """An access token for e-mail address and password; after too many attempts 429 with Retry-After."""
        outcome = await sessions.log_in(request.app.state.database, session, signer, username, password)
        return _slow_down(outcome) if isinstance(outcome, MustWait) else welcome(response, outcome)

    @router.post("/auth/refresh", response_model=Token)
    async def refresh(response: Response, session: SessionDep, cookie: RefreshCookie = "") -> Any:
        """A new access token for the cookie, and a new cookie: each is good for one use."""
        outcome = await sessions.refresh(session, signer, cookie)
        return _forgotten() if outcome is None else welcome(response, outcome)

    @router.post("/auth/logout", status_code=204)
    async def logout(response: Response, session: SessionDep, cookie: RefreshCookie = "") -> None:
        """End the login the cookie belongs to; its last access token runs out by itself within 15 minutes."""
        await refresh_tokens.revoke(session, cookie)
        response.delete_cookie(COOKIE, path=COOKIE_PATH)

    _add_me(router)


def _add_me(router: APIRouter) -> None:
    @router.get("/auth/me")
    async def me(session: SessionDep, actor: Annotated[Principal, Depends(require(Scope.FLEET_READ))]) -> Me:
        """Who the caller is and what they may do."""
        if actor.role in set(Role):
            account = await repository.find_account(session, actor.name)
            if account is None or account.disabled_at is not None:
                raise Unauthorized("this account is closed; ask a superuser")
        return Me(email=actor.name, role=actor.role, scopes=sorted(actor.scopes))


def _slow_down(wait: MustWait) -> Response:
    answer = problem(429, "too_many_attempts", f"too many attempts for this account; wait {wait.seconds} s")
    answer.headers["Retry-After"] = str(wait.seconds)
    return answer


def _forgotten() -> Response:
    """An answer and not an exception: what revoked the token's family must be committed."""
    answer = problem(401, "refresh_token_invalid", "the session is over; log in again")
    answer.delete_cookie(COOKIE, path=COOKIE_PATH)
    return answer
