"""Revoked accounts, keys with creators and devices, sessions with an end, second factors, and security events."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0002"
down_revision = "0001"

_STATEMENTS = """
    UPDATE {schema}.users SET email = lower(email);
    ALTER TABLE {schema}.users
        ADD COLUMN epoch integer NOT NULL DEFAULT 0,
        ADD COLUMN totp_secret text,
        ADD COLUMN totp_confirmed_at timestamptz,
        ADD COLUMN totp_last_step bigint NOT NULL DEFAULT 0,
        DROP CONSTRAINT users_role_check,
        ADD CONSTRAINT users_role_check CHECK (role IN ('viewer', 'operator', 'engineer', 'superuser'));

    ALTER TABLE {schema}.refresh_tokens
        ADD COLUMN session_began_at timestamptz NOT NULL DEFAULT clock_timestamp();
    UPDATE {schema}.refresh_tokens SET session_began_at = issued_at;

    ALTER TABLE {schema}.api_keys ADD COLUMN creator_id uuid, ADD COLUMN devices jsonb;
    UPDATE {schema}.api_keys SET creator_id = (SELECT id FROM {schema}.users WHERE email = lower(created_by));
    UPDATE {schema}.api_keys AS key SET name = left(name, 180) || ' ' || left(id::text, 8)
    WHERE EXISTS (SELECT FROM {schema}.api_keys WHERE lower(name) = lower(key.name) AND id < key.id);
    CREATE UNIQUE INDEX api_keys_name ON {schema}.api_keys (lower(name)) WHERE revoked_at IS NULL;
    CREATE INDEX api_keys_creator ON {schema}.api_keys (creator_id) WHERE revoked_at IS NULL;

    CREATE TABLE {schema}.revoked_accounts (
        account_id uuid PRIMARY KEY,
        epoch integer NOT NULL,
        expires_at timestamptz NOT NULL
    );
    CREATE INDEX revoked_accounts_expires_at ON {schema}.revoked_accounts (expires_at);
    CREATE VIEW {schema}.revocations AS
        SELECT id, NULL::integer AS epoch FROM {schema}.api_keys
        WHERE revoked_at IS NOT NULL AND expires_at > clock_timestamp()
        UNION ALL
        SELECT account_id, epoch FROM {schema}.revoked_accounts WHERE expires_at > clock_timestamp();

    CREATE TABLE {schema}.login_throttle (
        account text NOT NULL,
        address text NOT NULL,
        attempts integer NOT NULL,
        last_at timestamptz NOT NULL,
        blocked_until timestamptz,
        PRIMARY KEY (account, address)
    );
    CREATE INDEX login_throttle_last_at ON {schema}.login_throttle (last_at);

    CREATE TABLE {schema}.security_events (
        number bigserial PRIMARY KEY,
        kind text NOT NULL,
        actor text NOT NULL,
        address text NOT NULL,
        detail text NOT NULL,
        count bigint NOT NULL DEFAULT 1,
        first_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        last_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        hour timestamptz,
        correlation_id text NOT NULL
    );
    CREATE UNIQUE INDEX security_events_counted ON {schema}.security_events (hour, kind, actor, address, detail)
        WHERE hour IS NOT NULL;
    CREATE INDEX security_events_kind ON {schema}.security_events (kind, number);
    CREATE INDEX security_events_actor ON {schema}.security_events (actor, number);
    CREATE INDEX security_events_last_at ON {schema}.security_events (last_at)
"""

# Every service adds its counts by this function. A role may then add to the events, and neither read nor change them;
# what only the gateway can know, such as a login, it cannot add.
_FUNCTION = """
    CREATE FUNCTION {schema}.count_security_events(kinds text[], actors text[], addresses text[], details text[],
        counts bigint[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        INSERT INTO {schema}.security_events AS known (kind, actor, address, detail, count, hour, correlation_id)
        SELECT kind, actor, address, detail, count, date_trunc('hour', clock_timestamp(), 'UTC'), ''
        FROM unnest(kinds, actors, addresses, details, counts) AS new (kind, actor, address, detail, count)
        WHERE kind IN ('refused', 'key_used') AND length(actor) <= 300 AND length(address) <= 64
            AND length(detail) <= 300 AND count BETWEEN 1 AND 1000000000
        ORDER BY kind, actor, address, detail
        ON CONFLICT (hour, kind, actor, address, detail) WHERE hour IS NOT NULL
        DO UPDATE SET count = known.count + excluded.count, last_at = clock_timestamp()
    $$
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    for statement in _STATEMENTS.format(schema=schema).split(";"):
        op.execute(statement)
    op.execute(_FUNCTION.format(schema=schema))
    op.execute(f"REVOKE ALL ON FUNCTION {schema}.count_security_events FROM PUBLIC")
