"""The keys that are valid: every process refuses one whose row is not here, as after the restore of a backup."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0004"
down_revision = "0003"

_VIEW = """
    CREATE VIEW {schema}.valid_api_keys AS
        SELECT id FROM {schema}.api_keys WHERE revoked_at IS NULL AND expires_at > clock_timestamp()
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    op.execute(_VIEW.format(schema=schema))
