"""What each sender sent on each day, for quotas."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0011"
down_revision = "0010"

STATEMENT = """
CREATE TABLE {schema}.sender_days (
    day date NOT NULL,
    sender text NOT NULL,
    rows bigint NOT NULL,
    bytes bigint NOT NULL,
    PRIMARY KEY (day, sender)
)
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create the table."""
    op.execute(STATEMENT.format(schema=schema))
