"""Connectivity: when live readings of each device last arrived, written by a loop, not by batches."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0005"
down_revision = "0004"

STATEMENTS = """
CREATE TABLE {schema}.connectivity (
    device_id bigint PRIMARY KEY,
    newest_s bigint NOT NULL,
    heard_s bigint NOT NULL,
    told text CHECK (told IN ('connected', 'late', 'disconnected'))
);
CREATE INDEX connectivity_by_silence ON {schema}.connectivity (heard_s, device_id);

CREATE TABLE {schema}.connectivity_watch (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seen_xid bigint NOT NULL DEFAULT 0,
    judged_s bigint
);
INSERT INTO {schema}.connectivity_watch DEFAULT VALUES;

CREATE VIEW {schema}.watched_devices AS
    SELECT device_id, heard_s, told FROM {schema}.connectivity AS device
    WHERE NOT EXISTS (
        SELECT FROM {schema}.standing_outcomes AS gone
        WHERE gone.device_id = device.device_id AND gone.kind IN ('failure', 'explant', 'lost')
            AND gone.occurred_at_s >= device.newest_s
    )
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create the tables; the loop fills them from stored readings."""
    for statement in STATEMENTS.format(schema=schema).split(";\n"):
        op.execute(statement)
