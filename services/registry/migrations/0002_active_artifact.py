"""A view for other services: the active model's artifact, its manifest and its signature."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0002"
down_revision = "0001"

VIEW = """
CREATE VIEW {schema}.active_artifact AS
    SELECT m.version, m.artifact_uri AS uri, m.artifact_sha256 AS sha256, m.manifest_json, m.signature
    FROM {schema}.active_model AS a JOIN {schema}.models AS m USING (version)
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    """The trainer evaluates the active model on a candidate's holdout; it reads only this view of the registry."""
    op.execute(VIEW.format(schema=schema))
