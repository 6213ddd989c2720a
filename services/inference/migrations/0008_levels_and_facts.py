"""Facts about scores, what decided levels and episodes, and how many levels an activation will move."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0008"
down_revision = "0007"

# `verdict` is a number of scoring.levels.Verdict. Rows of earlier releases have none: their level follows from risk and
# threshold, and the model decided it. They have `reasons`, the contributions of three predictors, where later ones have
# `facts`, an entry for every signal (scoring.facts says how).
STATEMENTS = """
ALTER TABLE {schema}.predictions ADD COLUMN verdict smallint;
ALTER TABLE {schema}.predictions ADD COLUMN facts double precision[];
ALTER TABLE {schema}.predictions ALTER COLUMN reasons DROP NOT NULL;
ALTER TABLE {schema}.devices ADD COLUMN decided_by text;
ALTER TABLE {schema}.episodes ADD COLUMN decided_by text;
ALTER TABLE {schema}.models ADD COLUMN moves_up integer;
ALTER TABLE {schema}.models ADD COLUMN moves_down integer;
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Add the columns, empty."""
    for statement in STATEMENTS.format(schema=schema).strip().split(";\n"):
        op.execute(statement)
