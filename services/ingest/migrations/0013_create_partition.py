"""A function that creates the partition of a year, for a role that may write readings and not change tables."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0013"
down_revision = "0012"

FUNCTION = """
CREATE FUNCTION {schema}.create_partition(year integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE TABLE {schema}.readings_%s PARTITION OF {schema}.readings FOR VALUES FROM (%s) TO (%s)',
        year,
        extract(epoch FROM make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC'))\\:\\:bigint,
        extract(epoch FROM make_timestamptz(year + 1, 1, 1, 0, 0, 0, 'UTC'))\\:\\:bigint
    );
END $$
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """It runs with the rights of the owner of the tables; its only parameter is a number."""
    op.execute(FUNCTION.format(schema=schema))
    op.execute(f"REVOKE ALL ON FUNCTION {schema}.create_partition FROM PUBLIC")
