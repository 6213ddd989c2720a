"""When an open episode was last a danger: it closes a horizon later."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0009"
down_revision = "0008"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Episodes without one were opened by the danger at their `timestamp_s`, and nothing is known of later ones."""
    op.execute(f"ALTER TABLE {schema}.episodes ADD COLUMN danger_s bigint")
