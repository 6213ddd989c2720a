"""Binary COPY on a real server: what was written comes back with every bit, and a NULL is refused by name."""

from datetime import UTC, datetime

import asyncpg
import numpy as np
import pytest

from pacewatch.kit.columns import binary_copy
from pacewatch.kit.columns.binary_copy import BIGINT, DOUBLE, SMALLINT, NullInColumn

AT = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)


@pytest.fixture
async def connection(database_url: str):
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    await connection.execute(
        "CREATE TEMPORARY TABLE rows (id bigint, value double precision, list float8[], live boolean, at timestamptz,"
        " short smallint)"
    )
    yield connection
    await connection.close()


async def write(connection: asyncpg.Connection, ids: np.ndarray, values: np.ndarray) -> None:
    columns: dict[str, binary_copy.Column] = {
        "id": ids,
        "value": values,
        "list": np.column_stack([values, values * 2]),
        "live": binary_copy.boolean(True),
        "at": binary_copy.moment(AT),
        "short": (7).to_bytes(2),
    }
    schema = await connection.fetchval("SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()")
    await binary_copy.into(connection, schema, "rows", len(ids), columns)


async def test_rows_come_back_with_every_bit(connection: asyncpg.Connection) -> None:
    ids = np.array([1, -(2**63), 2**63 - 1], dtype=np.int64)
    values = np.array([0.1, np.pi, 5e-324])
    await write(connection, ids, values)
    columns = {"id": BIGINT, "value": DOUBLE, "short": SMALLINT}
    got = await binary_copy.fetch(connection, "SELECT id, value, short FROM rows WHERE live", columns)
    assert got["id"].tolist() == ids.tolist()
    assert got["value"].tobytes() == values.tobytes()
    assert (got["short"] == 7).all()
    row = await connection.fetchrow("SELECT at, list FROM rows WHERE id = 1")
    assert (row["at"], row["list"]) == (AT, [0.1, 0.2])


async def test_no_rows_give_empty_columns(connection: asyncpg.Connection) -> None:
    await write(connection, np.empty(0, dtype=np.int64), np.empty(0))
    got = await binary_copy.fetch(connection, "SELECT id FROM rows", {"id": BIGINT})
    assert len(got["id"]) == 0


@pytest.mark.parametrize("nulls", [1, 2, 3])
async def test_a_null_is_refused_with_the_names_of_the_columns(connection: asyncpg.Connection, nulls: int) -> None:
    await connection.execute("INSERT INTO rows (id, value) SELECT 1, NULL FROM generate_series(1, $1::int)", nulls)
    with pytest.raises(NullInColumn, match="id, value"):
        await binary_copy.fetch(connection, "SELECT id, value FROM rows", {"id": BIGINT, "value": DOUBLE})
