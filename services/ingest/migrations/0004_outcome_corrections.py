"""Corrections of outcomes: the wrong row stays, and the row that corrects it replaces it.

Devices whose labels must be computed again have their own table, so that reports do not wait for an update of labels.
"""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0004"
down_revision = "0003"

STATEMENTS = """
ALTER TABLE {schema}.outcomes
    ADD COLUMN origin uuid,
    ADD COLUMN revision integer NOT NULL DEFAULT 0,
    ADD COLUMN withdrawn boolean NOT NULL DEFAULT false,
    ADD COLUMN reason text NOT NULL DEFAULT '',
    ADD COLUMN superseded_at timestamptz,
    DROP CONSTRAINT outcomes_device_id_kind_occurred_at_s_mode_key;
UPDATE {schema}.outcomes SET origin = id;
ALTER TABLE {schema}.outcomes ALTER COLUMN origin SET NOT NULL, ADD UNIQUE (origin, revision);

CREATE UNIQUE INDEX outcomes_reported_once ON {schema}.outcomes (device_id, kind, occurred_at_s, mode)
    WHERE revision = 0;
CREATE UNIQUE INDEX outcomes_stand_once ON {schema}.outcomes (device_id, kind, occurred_at_s, mode)
    WHERE superseded_at IS NULL AND NOT withdrawn;

CREATE TABLE {schema}.to_rejudge (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, device_id bigint NOT NULL);

CREATE VIEW {schema}.standing_outcomes AS
    SELECT id, device_id, kind, mode, occurred_at_s FROM {schema}.outcomes
    WHERE superseded_at IS NULL AND NOT withdrawn;

CREATE OR REPLACE VIEW {schema}.failures AS
    SELECT device_id, occurred_at_s, mode FROM {schema}.standing_outcomes WHERE kind = 'failure'
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Add the columns of the correction history to outcomes."""
    for statement in STATEMENTS.format(schema=schema).split(";\n"):
        op.execute(statement)
