"""A service on a real port, on kit and the launcher's HTTP protocol, whose route takes a body from who may send one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends

from pacewatch.contracts.base import Contract
from pacewatch.kit.db import Database
from pacewatch.kit.http.app import create_app
from pacewatch.kit.http.auth import Principal, Signer, Verifier, require
from pacewatch.kit.http.routing import service_router
from pacewatch.launcher.runtime.protocol import BoundedProtocol

PATH = "/api/v1/telemetry/notes"
_KEY = Ed25519PrivateKey.generate()
TOKEN = Signer(_KEY).sign("tester", role="superuser", scopes=["write"], lifetime=timedelta(hours=1))


class Note(Contract):
    text: str


@asynccontextmanager
async def bounded_service() -> AsyncIterator[int]:
    """Its port. It has no database: nothing here gets that far."""
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    app = create_app("test", verifier=Verifier([_KEY.public_key()]), database=database, max_body_mib=1)
    router = service_router("test")

    @router.post("/telemetry/notes")
    async def add(note: Note, actor: Annotated[Principal, Depends(require("write"))]) -> dict[str, int]:
        return {"length": len(note.text)}

    app.include_router(router)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", http=BoundedProtocol, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving
        await database.close()
