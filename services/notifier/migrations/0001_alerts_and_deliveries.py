"""Alerts, as the dashboard lists them, and deliveries, one per alert and recipient."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit.messaging import tables

revision = "0001"
down_revision = None


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every migration has this signature
    for statement in tables.statements(schema):
        op.execute(statement)
    op.execute(_alerts(schema))
    op.execute(f"CREATE INDEX ON {schema}.alerts (raised_at DESC, id) WHERE raised_at IS NOT NULL")
    op.execute(f"CREATE INDEX ON {schema}.alerts (device_id, raised_at DESC)")
    op.execute(_deliveries(schema))
    op.execute(f"CREATE INDEX ON {schema}.deliveries (due_at) WHERE status = 'queued'")
    op.execute(f"CREATE INDEX ON {schema}.deliveries (created_at DESC, id)")
    op.execute(
        f"CREATE FUNCTION {schema}.wake_sender() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN PERFORM pg_notify('pacewatch_{schema}_deliveries', ''); RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER wake_sender AFTER INSERT OR UPDATE OF status ON {schema}.deliveries "
        f"FOR EACH ROW WHEN (NEW.status = 'queued') EXECUTE FUNCTION {schema}.wake_sender()"
    )


def _alerts(schema: str) -> str:
    """A row without `raised_at`: its AlertCleared came first, and its AlertRaised has not arrived; it is not listed."""
    return f"""
        CREATE TABLE {schema}.alerts (
            id uuid PRIMARY KEY,
            device_id bigint NOT NULL,
            kind text NOT NULL,
            risk double precision,
            threshold double precision,
            factors jsonb,
            signals jsonb,
            timestamp_s bigint,
            model_version text,
            raised_at timestamptz,
            cleared_at timestamptz,
            acknowledged_at timestamptz,
            acknowledged_by text,
            note text,
            CHECK (num_nulls(risk, threshold, factors, signals, timestamp_s, model_version, raised_at) IN (0, 7))
        )
    """


def _deliveries(schema: str) -> str:
    """`due_at` is also the lease: a claim moves it forward, so the claim of a dead process becomes due again."""
    return f"""
        CREATE TABLE {schema}.deliveries (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            alert_id uuid NOT NULL REFERENCES {schema}.alerts (id),
            recipient text NOT NULL,
            recipient_name text NOT NULL,
            message_id text NOT NULL UNIQUE,
            status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sent', 'failed')),
            attempts integer NOT NULL DEFAULT 0,
            due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            last_error text,
            correlation_id text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            sent_at timestamptz,
            UNIQUE (alert_id, recipient)
        )
    """
