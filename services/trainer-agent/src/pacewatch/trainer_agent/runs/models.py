"""The table of runs, for queries; migrations/ creates it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from pacewatch.kit.db import Timestamp

runs = sa.Table(
    "runs",
    sa.MetaData(schema="trainer_agent"),
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("status", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("actor", sa.Text),
    sa.Column("parameters", JSONB),
    sa.Column("requested_at", Timestamp),
    sa.Column("lease_token", UUID(as_uuid=True)),
    sa.Column("lease_until", Timestamp),
    sa.Column("attempts", sa.Integer),
    sa.Column("agent", sa.Text),
    sa.Column("stage", sa.Text),
    sa.Column("percent", sa.Integer),
    sa.Column("message", sa.Text),
    sa.Column("started_at", Timestamp),
    sa.Column("ended_at", Timestamp),
    sa.Column("model_version", sa.Text),
    sa.Column("metrics", JSONB),
    sa.Column("dataset", JSONB),
    sa.Column("data_sha256", sa.Text),
    sa.Column("commit", sa.Text),
    sa.Column("durations_s", JSONB),
)
