"""The signing key and the sites of API keys; services count devices that a key may not send for."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0003"
down_revision = "0002"

# As in 0002, with one kind more.
_FUNCTION = """
    CREATE OR REPLACE FUNCTION {schema}.count_security_events(kinds text[], actors text[], addresses text[],
        details text[], counts bigint[]) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        INSERT INTO {schema}.security_events AS known (kind, actor, address, detail, count, hour, correlation_id)
        SELECT kind, actor, address, detail, count, date_trunc('hour', clock_timestamp(), 'UTC'), ''
        FROM unnest(kinds, actors, addresses, details, counts) AS new (kind, actor, address, detail, count)
        WHERE kind IN ('refused', 'key_used', 'device_not_allowed') AND length(actor) <= 300
            AND length(address) <= 64 AND length(detail) <= 300 AND count BETWEEN 1 AND 1000000000
        ORDER BY kind, actor, address, detail
        ON CONFLICT (hour, kind, actor, address, detail) WHERE hour IS NOT NULL
        DO UPDATE SET count = known.count + excluded.count, last_at = clock_timestamp()
    $$
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    op.execute(f"ALTER TABLE {schema}.api_keys ADD COLUMN kid text, ADD COLUMN sites text[]")
    op.execute(_FUNCTION.format(schema=schema))
