"""What PostgreSQL cannot do now is an outage, with any values; what it refuses because of a value is not."""

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
        asyncpg.UndefinedTableError("relation does not exist"),
        asyncpg.UndefinedColumnError("column does not exist"),
        asyncpg.UndefinedFunctionError("function does not exist"),
        asyncpg.InvalidColumnReferenceError("no unique constraint matching the ON CONFLICT specification"),
        asyncpg.DatatypeMismatchError("column is of type text"),
        asyncpg.InsufficientPrivilegeError("permission denied"),
        asyncpg.InvalidSchemaNameError("schema does not exist"),
        asyncpg.InvalidCachedStatementError("cached statement plan is invalid"),
        asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT"),
        asyncpg.InvalidPasswordError("password authentication failed"),
        asyncpg.DeadlockDetectedError("deadlock detected"),
        asyncpg.SerializationError("could not serialize access"),
        asyncpg.LockNotAvailableError("canceling statement due to lock timeout"),
        asyncpg.DiskFullError("no space left on device"),
        asyncpg.OutOfMemoryError("out of memory"),
        asyncpg.PostgresIOError("could not read block"),
        asyncpg.InternalServerError("cache lookup failed"),
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
        asyncpg.NotNullViolationError("null value in column"),
        asyncpg.CheckViolationError("violates check constraint"),
        asyncpg.DivisionByZeroError("division by zero"),
        asyncpg.NumericValueOutOfRangeError("out of range"),
        asyncpg.RaiseError("raised by a trigger"),
        asyncpg.FeatureNotSupportedError("not supported"),
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
