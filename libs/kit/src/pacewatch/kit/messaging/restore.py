"""Whether this database was restored since a service last ran on it.

A service stores which server, timeline, database and tables its rows are in. A dump takes that along, and a restore
puts it where at least one of them is another: a new server, a recovered timeline, a created database or table. An
earlier copy of the same volume that is put back looks like a restart.
"""

from typing import Final

import sqlalchemy as sa

from pacewatch.kit.db import Session

# The outboxes stand for the schemas of all services: each may be restored on its own.
_IDENTITY: Final = sa.text("""
    SELECT concat_ws(' ', (SELECT system_identifier FROM pg_control_system()),
        (SELECT timeline_id FROM pg_control_checkpoint()),
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        (SELECT string_agg(c.oid::text, ' ' ORDER BY n.nspname)
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relname = 'outbox' AND c.relkind = 'r'))
""")
# For `migrate.comment`, in the schemas of services that publish events again.
COMMENTS: Final = """
restore_mark: Where the rows of this service were when it last ran, another place means that a backup was restored
  only_row: Always true, the table has one row
  identity: Server, timeline, database and tables
"""


async def identity_of(session: Session) -> str:
    """Where the rows of this database are: another text after a restore that a service can notice."""
    identity: str = (await session.execute(_IDENTITY)).scalar_one()
    return identity


async def lock_if_restored(session: Session) -> str | None:
    """The identity to store when all that follows is done; None if it is stored already.

    Another process that asks waits until this transaction ends.
    """
    query = sa.text(f'SELECT identity FROM "{session.info["service"]}".restore_mark FOR UPDATE')  # noqa: S608 - ours
    stored = await session.scalar(query)
    identity = await identity_of(session)
    return None if stored == identity else identity


async def set_identity(session: Session, identity: str) -> None:
    """Store where the rows of this service are now."""
    change = sa.text(f'UPDATE "{session.info["service"]}".restore_mark SET identity = :identity')  # noqa: S608 - ours
    await session.execute(change, {"identity": identity})


def statements(schema: str) -> list[str]:
    """The DDL for a service that publishes events again; its first process finds an identity to store."""
    return [
        f"CREATE TABLE {schema}.restore_mark "
        f"(only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), identity text NOT NULL DEFAULT '')",
        f"INSERT INTO {schema}.restore_mark DEFAULT VALUES",
    ]
