"""Outbox, inbox, and the tables of this service: readings, scores, risk by device, episodes, activations."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit.messaging import tables

revision = "0001"
down_revision = None


def upgrade(schema: str, profile: Profile) -> None:
    """Create all tables; the profile declares the signal columns."""
    for statement in tables.statements(schema):
        op.execute(statement)
    for statement in (_readings(schema, profile), _devices(schema), _predictions(schema), _models(schema)):
        op.execute(statement)
    op.execute(_episodes(schema))
    op.execute(f"CREATE UNIQUE INDEX one_open_episode ON {schema}.episodes (device_id, kind) WHERE closed_at IS NULL")
    op.execute(f"CREATE INDEX episodes_by_device ON {schema}.episodes (device_id, opened_at)")


def _readings(schema: str, profile: Profile) -> str:
    """As much history as one score can depend on, and `late_days` more for late readings.

    `live` readings are scored: now, or when a late reading gives them enough history.
    """
    signals = "".join(f'"{name}" double precision NOT NULL, ' for name in profile.signal_names)
    return f"""
        CREATE TABLE {schema}.readings (
            device_id bigint NOT NULL, timestamp_s bigint NOT NULL, {signals}live boolean NOT NULL,
            PRIMARY KEY (device_id, timestamp_s)
        )"""


def _devices(schema: str) -> str:
    """One row per device: the lock that serialises its scoring, its newest reading, and its current risk.

    `considered_sequence` is the activation under which its newest reading was last considered. The only index is the
    key: the risks change with every batch, and updates within a page save more than an index on a few thousand rows.
    """
    return f"""
        CREATE TABLE {schema}.devices (
            device_id bigint PRIMARY KEY,
            newest_s bigint NOT NULL,
            considered_sequence bigint NOT NULL,
            risk double precision,
            level text,
            threshold double precision,
            model_version text,
            scored_s bigint,
            scored_at timestamptz
        ) WITH (fillfactor = 50)"""


def _predictions(schema: str) -> str:
    """Every score ever made: a later revision supersedes the earlier ones of its reading, which stay."""
    return f"""
        CREATE TABLE {schema}.predictions (
            device_id bigint NOT NULL,
            timestamp_s bigint NOT NULL,
            revision integer NOT NULL,
            risk double precision NOT NULL,
            threshold double precision NOT NULL,
            model_version text NOT NULL,
            feature_hash text NOT NULL,
            factors jsonb NOT NULL,
            batch_id uuid NOT NULL,
            scored_at timestamptz NOT NULL,
            superseded_at timestamptz,
            PRIMARY KEY (device_id, timestamp_s, revision)
        )"""


def _models(schema: str) -> str:
    """Every activation, as received; the one with the highest sequence is active."""
    return f"""
        CREATE TABLE {schema}.models (
            sequence bigint PRIMARY KEY,
            version text NOT NULL,
            threshold double precision NOT NULL,
            artifact jsonb NOT NULL,
            activated_at timestamptz NOT NULL
        )"""


def _episodes(schema: str) -> str:
    return f"""
        CREATE TABLE {schema}.episodes (
            id uuid PRIMARY KEY,
            device_id bigint NOT NULL,
            kind text NOT NULL,
            risk double precision NOT NULL,
            threshold double precision NOT NULL,
            model_version text NOT NULL,
            timestamp_s bigint NOT NULL,
            opened_at timestamptz NOT NULL,
            closed_at timestamptz,
            closing_risk double precision
        )"""
