"""The registry's tables, as its queries see them; migrations/ made them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from pacewatch.kit.db import Timestamp

_metadata = sa.MetaData(schema="registry")

models = sa.Table(
    "models",
    _metadata,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("status", sa.Text),
    sa.Column("run_id", UUID(as_uuid=True)),
    sa.Column("algorithm", sa.Text),
    sa.Column("threshold", sa.Double),
    sa.Column("trained_at", Timestamp),
    sa.Column("artifact_uri", sa.Text),
    sa.Column("artifact_sha256", sa.Text),
    sa.Column("manifest_json", sa.Text),
    sa.Column("signature", sa.Text),
    sa.Column("metrics", JSONB),
    sa.Column("dataset", JSONB),
    sa.Column("parameters", JSONB),
    sa.Column("gate", JSONB),
    sa.Column("reason", sa.Text),
    sa.Column("activated_at", Timestamp),
    sa.Column("judge_after", Timestamp),
    sa.Column("judge_failures", sa.Integer),
)

activations = sa.Table(
    "activations",
    _metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    sa.Column("version", sa.Text),
    sa.Column("previous", sa.Text),
    sa.Column("fallback_sequence", sa.BigInteger),
    sa.Column("actor", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("activated_at", Timestamp),
)

active_model = sa.Table("active_model", _metadata, sa.Column("version", sa.Text), sa.Column("sequence", sa.BigInteger))

training_runs = sa.Table(
    "training_runs",
    _metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    sa.Column("status", sa.Text),
    sa.Column("requested_here", sa.Boolean),
    sa.Column("reason", sa.Text),
    sa.Column("actor", sa.Text),
    sa.Column("parameters", JSONB),
    sa.Column("stage", sa.Text),
    sa.Column("percent", sa.Integer),
    sa.Column("message", sa.Text),
    sa.Column("model_version", sa.Text),
    sa.Column("requested_at", Timestamp),
    sa.Column("ended_at", Timestamp),
    sa.Column("heard_at", Timestamp),
)

pipeline_stages = sa.Table(
    "pipeline_stages",
    _metadata,
    sa.Column("pipeline_run_id", sa.Text, primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("pipeline", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("commit", sa.Text),
    sa.Column("artifacts", JSONB),
    sa.Column("actor", sa.Text),
    sa.Column("started_at", Timestamp),
    sa.Column("reported_at", Timestamp),
)

label_ledger = sa.Table(
    "label_ledger",
    _metadata,
    sa.Column("only_row", sa.Boolean, primary_key=True),
    sa.Column("as_of", Timestamp),
    sa.Column("first_as_of", Timestamp),
    sa.Column("counts", JSONB),
)
