"""Only errors of an unavailable PostgreSQL are an outage; mistakes in statements are not."""

import asyncpg
import pytest
import sqlalchemy as sa

from pacewatch.kit.db import Database, Unreachable, asyncpg_url, is_outage


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("refused"),
        asyncpg.ConnectionDoesNotExistError("closed in the middle of operation"),
        asyncpg.AdminShutdownError("terminating connection"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.TooManyConnectionsError("too many clients"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        sa.exc.TimeoutError("QueuePool limit reached"),
    ],
)
def test_an_unavailable_server_is_an_outage(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        TimeoutError("another server"),
        ConnectionRefusedError("another server"),
        asyncpg.UniqueViolationError("duplicate key"),
        asyncpg.DataError("out of range"),
        asyncpg.QueryCanceledError("statement timeout"),
        asyncpg.InterfaceError("the server expects 1 argument for this query, 0 were passed"),
    ],
)
def test_a_mistake_is_not_an_outage(error: Exception) -> None:
    assert not is_outage(error)


async def test_a_server_that_does_not_listen_is_unreachable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Unreachable):
        await database.ping()
    await database.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_postgresql_scheme_becomes_asyncpg(scheme: str) -> None:
    assert asyncpg_url(f"{scheme}://u@h/d").drivername == "postgresql+asyncpg"
