"""PostgreSQL: sessions and transactions. Only this module calls `commit()`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session as SyncSession
from sqlalchemy.util import await_only

Session = AsyncSession

# Column type and server default of every table of the platform.
Timestamp = TIMESTAMP(timezone=True)
NOW = sa.text("clock_timestamp()")


def has_come(column: str, longest_wait_s: float) -> str:
    """SQL: whether the moment in `column` has come, by the clock of the server.

    A moment much further away than any wait has come as well: the clock was set back after it was stored. Twice as far,
    so that a clock that is put right by less ends no lease.
    """
    return f"({column} <= {NOW} OR {column} > {NOW} + interval '{2 * longest_wait_s} s')"


class Unreachable(ConnectionError):
    """PostgreSQL does not accept connections. Its own class: connections to other servers can fail, too."""


# What PostgreSQL says when it cannot run a statement now, by the beginning of the SQLSTATE. None of it is about the
# values of the statement: the same work succeeds when the server, or the schema, is as this code needs it.
_NOT_NOW = (
    "08",  # the connection is lost
    "25006",  # read only: a standby that takes over
    "28",  # the login is refused: a password or a right is being changed
    "3D",  # the database is missing, while it is restored
    "3F",  # the schema is missing
    "40",  # rolled back in favour of another transaction: deadlock, serialization
    "42",  # a table, column, index or right is missing: the schema is that of another release
    "53",  # out of connections, memory or disk
    "55",  # a lock is not available, or an object is not ready
    "57P",  # the server stops, starts or crashed; a statement's own timeout is 57014
    "58",  # the operating system failed
    "XX",  # PostgreSQL itself failed: so does a statement whose table is being replaced
)
# What the driver says in the same cases, without a SQLSTATE or with one that means something else as well.
_OUTAGE_ERRORS = (
    Unreachable,
    # "cannot switch to state": the server closed an idle connection and the next statement found out. Also a composite
    # type that has changed.
    asyncpg.InternalClientError,
    # The result of a prepared statement has other columns since a migration.
    asyncpg.InvalidCachedStatementError,
    sa.exc.TimeoutError,
)


def asyncpg_url(url: str) -> sa.URL:
    """The URL with the asyncpg driver, for any PostgreSQL scheme."""
    return make_url(url).set(drivername="postgresql+asyncpg")


class Database:
    """A pool of connections for many short transactions.

    `urls` are those of services with a role of their own: each has a pool of its own, since a role that is chosen for
    each transaction would cost a round trip. All other work uses `url`.
    """

    def __init__(
        self, url: str, *, pool_size: int = 10, read_only: bool = False, urls: Mapping[str, str] | None = None
    ) -> None:
        self.url = asyncpg_url(url)
        self.engine = _create_engine(self.url, pool_size, read_only)
        self._engines = {
            service: _create_engine(asyncpg_url(own), pool_size, read_only) for service, own in (urls or {}).items()
        }

    def engine_of(self, service: str) -> AsyncEngine:
        """The pool that transactions of `service` use."""
        return self._engines.get(service, self.engine)

    @asynccontextmanager
    async def transaction(self, service: str, *, timeout_s: int = 0) -> AsyncIterator[Session]:
        """A session of `service` in one transaction: commits when the block ends, rolls back when it raises.

        A statement that takes longer than `timeout_s` fails; 0 is without a limit. See `is_timeout`.
        """
        info = {"service": service, "timeout_s": timeout_s}
        async with AsyncSession(self.engine_of(service), expire_on_commit=False, info=info) as session:
            yield session
            await session.commit()

    async def dedicated_connection(self) -> asyncpg.Connection:
        """A connection outside the pool, for LISTEN; the caller closes it."""
        dsn = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return await asyncpg.connect(dsn, timeout=10)

    async def ping(self) -> None:
        """Raise if PostgreSQL does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(sa.text("SELECT 1"))

    async def close(self) -> None:
        """Close the pools."""
        for engine in (self.engine, *self._engines.values()):
            await engine.dispose()


def _create_engine(url: sa.URL, pool_size: int, read_only: bool) -> AsyncEngine:
    # The isolation level stays READ COMMITTED: ON CONFLICT and SKIP LOCKED rely on it.
    # No JIT: it takes longer to compile a statement over many partitions than to run it.
    server_settings = {"application_name": "pacewatch", "timezone": "UTC", "jit": "off"}
    if read_only:
        server_settings["default_transaction_read_only"] = "on"
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=False,
        pool_recycle=1_800,
        # Failed statements are logged, and their parameters are readings of patients.
        hide_parameters=True,
        connect_args={
            "server_settings": server_settings,
            "timeout": 10,
            "command_timeout": 600,
            "async_creator_fn": _connect,
        },
    )
    sa.event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


async def allow_long(session: Session) -> None:
    """Lift the time limit of statements for the rest of the transaction."""
    await session.execute(sa.text("SET LOCAL statement_timeout = 0"))


@sa.event.listens_for(SyncSession, "after_begin")
def _limit_time(session: SyncSession, _transaction: Any, connection: sa.Connection) -> None:
    """Give the connection the time limit of this session, if the one that used it last had another.

    Not for each transaction: that would be a round trip for each.
    """
    timeout_s = session.info.get("timeout_s", 0)
    if connection.info.get("timeout_s", 0) != timeout_s:
        raw = cast(asyncpg.Connection, connection.connection.driver_connection)
        await_only(raw.execute(f"SET statement_timeout = {timeout_s * 1_000}"))
        connection.info["timeout_s"] = timeout_s


async def driver(session: Session) -> asyncpg.Connection:
    """The asyncpg connection of `session`, inside its transaction: faster for COPY and array parameters."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    inner = cast(asyncpg.Connection, raw.driver_connection)
    if not inner.is_in_transaction():
        # SQLAlchemy sends BEGIN only before its own first statement.
        await connection.execute(sa.text("SELECT 1"))
    return inner


async def _connect(*args: Any, **kwargs: Any) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(*args, **kwargs)
    except (OSError, TimeoutError) as error:
        raise Unreachable(f"PostgreSQL cannot be reached: {type(error).__name__} {error}".strip()) from error


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Make the pool replace a closed connection: after a restart of PostgreSQL no request gets an old one."""
    if connection.driver_connection.is_closed():
        raise sa.exc.DisconnectionError


def is_outage(error: BaseException) -> bool:
    """Whether PostgreSQL cannot do this now, with any values: the same work can be tried again.

    It is away, it lacks something, or its schema is that of another release. An error about a value is no outage.
    """
    if isinstance(error, sa.exc.DBAPIError):
        return bool(error.connection_invalidated) or is_outage(_cause(error))
    if isinstance(error, asyncpg.InterfaceError):
        # asyncpg raises the same class for wrong use, which is a fault of the caller.
        return "closed" in str(error)
    return isinstance(error, _OUTAGE_ERRORS) or sqlstate(error).startswith(_NOT_NOW)


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's five characters for what is wrong; empty if the error is not PostgreSQL's."""
    if isinstance(error, sa.exc.DBAPIError):
        return sqlstate(_cause(error))
    return str(error.sqlstate or "") if isinstance(error, asyncpg.PostgresError) else ""


def is_full(error: BaseException) -> bool:
    """Whether PostgreSQL's disk is full."""
    return _has_cause(error, asyncpg.DiskFullError)


def is_timeout(error: BaseException) -> bool:
    """Whether a statement took longer than its transaction allows."""
    return _has_cause(error, asyncpg.QueryCanceledError)


def _has_cause(error: BaseException, kind: type[BaseException]) -> bool:
    return isinstance(_cause(error) if isinstance(error, sa.exc.DBAPIError) else error, kind)


def _cause(error: sa.exc.DBAPIError) -> BaseException:
    original: Any = error.orig
    return getattr(original, "__cause__", None) or original or Exception()
