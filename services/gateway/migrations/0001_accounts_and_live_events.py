"""Accounts, refresh tokens, login attempts, API keys, and the latest events."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit.messaging import tables

revision = "0001"
down_revision = None

_ACCOUNTS = """
    CREATE TABLE {schema}.users (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        email text NOT NULL,
        role text NOT NULL CHECK (role IN ('viewer', 'operator', 'superuser')),
        password_hash text NOT NULL,
        disabled_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    CREATE UNIQUE INDEX users_email ON {schema}.users (lower(email));
    CREATE TABLE {schema}.refresh_tokens (
        token_hash bytea PRIMARY KEY,
        family uuid NOT NULL,
        user_id uuid NOT NULL REFERENCES {schema}.users (id) ON DELETE CASCADE,
        issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz
    );
    CREATE INDEX refresh_tokens_family ON {schema}.refresh_tokens (family);
    CREATE INDEX refresh_tokens_user ON {schema}.refresh_tokens (user_id);
    CREATE INDEX refresh_tokens_expires_at ON {schema}.refresh_tokens (expires_at);
    CREATE TABLE {schema}.login_attempts (
        account text PRIMARY KEY,
        attempts integer NOT NULL,
        last_at timestamptz NOT NULL,
        blocked_until timestamptz
    );
    CREATE TABLE {schema}.api_keys (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        scopes text[] NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz
    )
"""

_LIVE = """
    CREATE TABLE {schema}.live_events (
        seq bigserial PRIMARY KEY,
        type text NOT NULL,
        subject text NOT NULL,
        time timestamptz NOT NULL,
        correlation_id text NOT NULL,
        summary jsonb NOT NULL
    )
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    for statement in tables.statements(schema):
        op.execute(statement)
    for statement in (_ACCOUNTS + ";" + _LIVE).format(schema=schema).split(";"):
        op.execute(statement)
