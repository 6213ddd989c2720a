"""Logging in and out over HTTP. The refresh token is in a cookie that scripts and other sites cannot use."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Cookie, Depends, Form, Request, Response
from pydantic import Field

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Text
from pacewatch.gateway.auth import second_factor, service
from pacewatch.gateway.auth.same_site import same_site
from pacewatch.gateway.auth.schemas import (
    Code,
    Me,
    PasswordChange,
    Token,
    TotpConfirmation,
    TotpRemoval,
    TotpSecret,
    TotpStart,
)
from pacewatch.gateway.auth.second_factor import Caller
from pacewatch.gateway.auth.service import Attempt, IssuedTokens, Issuer
from pacewatch.gateway.credentials import refresh_tokens
from pacewatch.gateway.errors import WrongOwnPassword
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.problems import problem
from pacewatch.kit.http.routing import SessionDep
from pacewatch.kit.http.security import client_address

COOKIE: Final = "pacewatch_refresh"
COOKIE_PATH: Final = "/api/v1/auth"

Credential = Annotated[Annotated[Text, Field(min_length=1, max_length=1_000)], Form()]
RefreshCookie = Annotated[str, Cookie(alias=COOKIE, max_length=200, include_in_schema=False)]
SameSite = Depends(same_site)
Reader = Annotated[Principal, Depends(require(Scope.FLEET_READ))]


def add_routes(router: APIRouter, issuer: Issuer, *, secure_cookies: bool) -> None:
    """auth: login, refresh, logout, me, password, totp."""
    _add_session(router, issuer, secure_cookies=secure_cookies)
    _add_own_account(router, issuer, secure_cookies=secure_cookies)
    _add_totp(router, issuer, secure_cookies=secure_cookies)


def _add_session(router: APIRouter, issuer: Issuer, *, secure_cookies: bool) -> None:
    @router.post("/auth/login", response_model=Token, dependencies=[SameSite])
    async def log_in(
        request: Request,
        response: Response,
        session: SessionDep,
        username: Credential,
        password: Credential,
        code: Annotated[Code, Form()] = "",
    ) -> Any:
        """An access token for an e-mail address and its password; after too many attempts 429 with Retry-After.

        401 `code_required` if the account has a second factor: log in again with a `code`.
        """
        attempt = Attempt(username, password, client_address(request), code)
        tokens = await service.log_in(request.app.state.database, session, issuer, attempt)
        return _send_tokens(response, tokens, secure_cookies=secure_cookies)

    @router.post("/auth/refresh", response_model=Token, dependencies=[SameSite])
    async def refresh_token(response: Response, session: SessionDep, cookie: RefreshCookie = "") -> Any:
        """A new access token for the cookie, and a new cookie; each cookie can be used once.

        The last one can be used again for 30 s, by a second tab or after a lost answer.
        """
        tokens = await service.refresh(session, issuer, cookie)
        return _session_over() if tokens is None else _send_tokens(response, tokens, secure_cookies=secure_cookies)

    @router.post("/auth/logout", status_code=204, dependencies=[SameSite])
    async def log_out(response: Response, session: SessionDep, cookie: RefreshCookie = "") -> None:
        """End the login that the cookie belongs to; its last access token expires within 15 minutes."""
        await refresh_tokens.revoke(session, cookie)
        response.delete_cookie(COOKIE, path=COOKIE_PATH)


def _add_own_account(router: APIRouter, issuer: Issuer, *, secure_cookies: bool) -> None:
    @router.get("/auth/me")
    async def get_me(session: SessionDep, actor: Reader) -> Me:
        """The caller and the caller's scopes."""
        await service.check_account_is_open(session, actor)
        return Me(email=actor.name, role=actor.role, scopes=sorted(actor.scopes))

    @router.post("/auth/password", response_model=Token, dependencies=[SameSite])
    async def change_password(
        request: Request, response: Response, session: SessionDep, actor: Reader, change: PasswordChange
    ) -> Any:
        """Change your own password. Your other logins and tokens end, and the keys you made."""
        attempt = Attempt(actor.name, change.old_password, client_address(request), change.code, WrongOwnPassword)
        database = request.app.state.database
        tokens = await service.change_password(database, session, issuer, actor, attempt, change.new_password)
        return _send_tokens(response, tokens, secure_cookies=secure_cookies)


def _add_totp(router: APIRouter, issuer: Issuer, *, secure_cookies: bool) -> None:
    @router.post("/auth/totp", status_code=201)
    async def begin_totp(request: Request, session: SessionDep, actor: Reader, body: TotpStart) -> TotpSecret:
        """Begin a second factor, for superusers: its secret. It counts once it is confirmed."""
        database = request.app.state.database
        return await second_factor.begin(database, session, _caller(request, actor), body.password)

    @router.post("/auth/totp/confirm", response_model=Token)
    async def confirm_totp(
        request: Request, response: Response, session: SessionDep, actor: Reader, body: TotpConfirmation
    ) -> Any:
        """Confirm the second factor by its first code; from then on each login needs one. Your other logins end."""
        database = request.app.state.database
        tokens = await second_factor.confirm(database, session, issuer, _caller(request, actor), body.code)
        return _send_tokens(response, tokens, secure_cookies=secure_cookies)

    @router.post("/auth/totp/remove", status_code=204)
    async def remove_totp(request: Request, session: SessionDep, actor: Reader, body: TotpRemoval) -> None:
        """Remove the second factor; the logins and tokens of the account end.

        A superuser removes that of somebody else with PATCH /api/v1/users/{user_id}.
        """
        database = request.app.state.database
        await second_factor.remove(database, session, _caller(request, actor), body.password, body.code)


def _caller(request: Request, actor: Principal) -> Caller:
    return Caller(actor, client_address(request))


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
    return tokens.access


def _session_over() -> Response:
    """A response and not an exception: the revocation of the token's family must be committed."""
    answer = problem(401, "refresh_token_invalid", "the session is over; log in again")
    answer.delete_cookie(COOKIE, path=COOKIE_PATH)
    return answer
