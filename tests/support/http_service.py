"""A small HTTP service on kit, and how its tests read problem details."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.responses import StreamingResponse

from pacewatch.contracts.base import Contract, Name, Page, Problem
from pacewatch.kit import logs
from pacewatch.kit.db import Database
from pacewatch.kit.errors import Conflict
from pacewatch.kit.http.app import add_health, create_app
from pacewatch.kit.http.auth import Principal, Verifier, require
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, service_router, takes_body
from pacewatch.kit.messaging.outbox import emit
from support.service_harness import Counted, effects

PRIVATE_KEY = Ed25519PrivateKey.generate()
Number = Annotated[int, Path(ge=0, le=2**53 - 1)]


class Body(Contract):
    n: int
    x: float = 0
    name: Name = "name"


def create_test_app(database: Database, service: str) -> FastAPI:
    """The application of `service`, whose tables exist in `database`."""
    app = create_app("test", verifier=Verifier([PRIVATE_KEY.public_key()]), database=database, max_body_mib=1)
    router = service_router(service)
    _add_numbers(router, service)
    _add_failing_routes(router, service)
    _add_context_routes(router, service)
    _add_bodies(router)
    app.include_router(router)
    add_health(app, {"database": database.ping})
    return app


def _add_numbers(router: APIRouter, service: str) -> None:
    table = effects(service)

    @router.post("/numbers", status_code=201)
    async def add(body: Body, session: SessionDep) -> dict[str, int]:
        await session.execute(table.insert().values(n=body.n))
        return {"n": body.n}

    @router.get("/numbers/{n}")
    async def one(n: Number, session: SessionDep, q: Annotated[str, Query(max_length=50)] = "") -> dict[str, int]:
        await session.execute(sa.select(table.c.n).where(table.c.n == n))
        return {"n": n}

    @router.get("/numbers", response_model=Page[int])
    async def list_numbers(session: SessionDep, paging: PagingDep) -> Page[Any]:
        query = sa.select(table.c.n).order_by(table.c.n).limit(paging.size).offset(paging.offset)
        total = await session.scalar(sa.select(sa.func.count()).select_from(table))
        return Page.of((await session.scalars(query)).all(), int(total or 0), paging)


def _add_failing_routes(router: APIRouter, service: str) -> None:
    @router.post("/numbers/{n}/refused")
    async def add_and_refuse(n: Number, session: SessionDep) -> None:
        await session.execute(effects(service).insert().values(n=n))
        raise Conflict("the number exists already", because="of this")

    @router.post("/numbers/at-commit")
    async def fail_at_commit(session: SessionDep) -> dict[str, str]:
        await session.execute(sa.text(f"INSERT INTO {service}.deferred VALUES (1), (1)"))
        return {"status": "fine so far"}

    @router.get("/broken")
    async def broken(session: SessionDep) -> None:
        raise ZeroDivisionError("a secret")

    @router.get("/half")
    async def half() -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            yield "one"
            raise ZeroDivisionError

        return StreamingResponse(lines())


def _add_context_routes(router: APIRouter, service: str) -> None:
    @router.get("/addresses")
    async def addresses(_: Annotated[Principal, Depends(require("fleet:read"))]) -> dict[str, str]:
        error = "550 <bob@example.org>: unknown; ask a/b+c@mail.example.org"
        return {"recipient": "bob@example.org", "error": error, "own": "ada@example.org", "address": "192.0.2.7"}

    @router.post("/revoked")
    async def revoked(
        request: Request, session: SessionDep, actor: Annotated[Principal, Depends(require("fleet:read"))]
    ) -> None:
        """A right that ends while its request is worked on."""
        await session.execute(effects(service).insert().values(n=1))
        request.app.state.verifier.revocations.replace([actor.token_id], {})

    @router.get("/mine")
    async def mine(actor: Annotated[Principal, Depends(require("fleet:read"))]) -> dict[str, str]:
        return {"name": actor.name}

    @router.get("/endless")
    async def endless() -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            while True:
                yield "one"
                await asyncio.sleep(0.01)

        return StreamingResponse(lines(), headers={"x-kind": "endless"})

    @router.post("/events")
    async def emit_event(session: SessionDep) -> dict[str, str]:
        await emit(session, Counted(n=1))
        return {"correlation_id": logs.correlation_id()}


def _add_bodies(router: APIRouter) -> None:
    @router.post("/notes")
    @takes_body(2**17)
    async def note(body: Body) -> dict[str, int]:
        return {"n": body.n}

    @router.post("/files")
    @takes_body()
    async def file(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @router.post("/streams")
    @takes_body(None)
    async def stream(request: Request) -> dict[str, int]:
        return {"bytes": sum([len(piece) async for piece in request.stream()])}


def problem_of(response: httpx.Response, status: int, code: str) -> Problem:
    """The problem details in `response`, which must have this status and code."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert len(response.content) < 16_384
    found = Problem.model_validate_json(response.content)
    assert (found.status, found.code) == (status, code)
    assert found.correlation_id == response.headers["x-correlation-id"]
    return found
