"""Only PostgreSQL's absence is an outage; what the work did wrong is not."""

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
def test_an_outage_is_told_from_a_mistake(error: Exception) -> None:
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
def test_a_mistake_is_no_outage(error: Exception) -> None:
    assert not is_outage(error)


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Unreachable):
        await database.ping()
    await database.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_however_the_scheme_is_spelled_the_driver_is_ours(scheme: str) -> None:
    assert asyncpg_url(f"{scheme}://u@h/d").drivername == "postgresql+asyncpg"
