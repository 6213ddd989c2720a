"""Logging in and out over HTTP. The refresh token is in a cookie that scripts and other sites cannot use."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Cookie, Depends, Form, Request, Response
from pydantic import Field

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Text
from pacewatch.gateway.auth import service
from pacewatch.gateway.auth.schemas import Me, Token
from pacewatch.gateway.auth.service import IssuedTokens, TooManyAttempts
from pacewatch.gateway.credentials import refresh_tokens
from pacewatch.kit.http.auth import Principal, Signer, require
from pacewatch.kit.http.problems import problem
from pacewatch.kit.http.routing import SessionDep

COOKIE: Final = "pacewatch_refresh"
COOKIE_PATH: Final = "/api/v1/auth"

Credential = Annotated[Annotated[Text, Field(min_length=1, max_length=1_000)], Form()]
RefreshCookie = Annotated[str, Cookie(alias=COOKIE, max_length=200, include_in_schema=False)]


def add_routes(router: APIRouter, signer: Signer, *, secure_cookies: bool) -> None:
    """auth: login, refresh, logout, me."""

    @router.post("/auth/login", response_model=Token)
    async def login(
        request: Request, response: Response, session: SessionDep, username: Credential, password: Credential
    ) -> Any:
        """An access token for an e-mail address and its password; after too many attempts 429 with Retry-After."""
        outcome = await service.log_in(request.app.state.database, session, signer, username, password)
        if isinstance(outcome, TooManyAttempts):
            return _too_many_attempts(outcome)
        return _send_tokens(response, outcome, secure_cookies=secure_cookies)

    @router.post("/auth/refresh", response_model=Token)
    async def refresh(response: Response, session: SessionDep, cookie: RefreshCookie = "") -> Any:
        """A new access token for the cookie, and a new cookie; each cookie can be used once."""
        tokens = await service.refresh(session, signer, cookie)
        return _session_over() if tokens is None else _send_tokens(response, tokens, secure_cookies=secure_cookies)

    @router.post("/auth/logout", status_code=204)
    async def logout(response: Response, session: SessionDep, cookie: RefreshCookie = "") -> None:
        """End the login that the cookie belongs to; its last access token expires within 15 minutes."""
        await refresh_tokens.revoke(session, cookie)
        response.delete_cookie(COOKIE, path=COOKIE_PATH)

    @router.get("/auth/me")
    async def me(session: SessionDep, actor: Annotated[Principal, Depends(require(Scope.FLEET_READ))]) -> Me:
        """The caller and the caller's scopes."""
        await service.check_account_is_open(session, actor)
        return Me(email=actor.name, role=actor.role, scopes=sorted(actor.scopes))


def _send_tokens(response: Response, tokens: IssuedTokens, *, secure_cookies: bool) -> Token:
    """The access token in the body, the refresh token in the cookie."""
    response.set_cookie(
        COOKIE,
        tokens.refresh_token,
        max_age=int(refresh_tokens.LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        secure=secure_cookies,
        httponly=True,
        samesite="strict",
    )
    response.headers["Cache-Control"] = "no-store"
    return tokens.access


def _too_many_attempts(outcome: TooManyAttempts) -> Response:
    answer = problem(429, "too_many_attempts", f"too many attempts for this account; wait {outcome.wait_s} s")
    answer.headers["Retry-After"] = str(outcome.wait_s)
    return answer


def _session_over() -> Response:
    """A response and not an exception: the revocation of the token's family must be committed."""
    answer = problem(401, "refresh_token_invalid", "the session is over; log in again")
    answer.delete_cookie(COOKIE, path=COOKIE_PATH)
    return answer
