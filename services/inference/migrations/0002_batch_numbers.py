"""Batches of readings are numbered, and every score says up to which batch the readings were known."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0002"
down_revision = "0001"

# Earlier scores get no number: it was not recorded which readings they are based on.
STATEMENTS = """
CREATE SEQUENCE {schema}.batch_numbers;
SELECT setval('{schema}.batch_numbers', 1);
ALTER TABLE {schema}.readings ADD COLUMN batch_number bigint NOT NULL DEFAULT 1;
ALTER TABLE {schema}.predictions ADD COLUMN known_batch bigint;
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Number the readings; the stored ones count as one batch."""
    for statement in STATEMENTS.format(schema=schema).strip().split(";\n"):
        op.execute(statement)
