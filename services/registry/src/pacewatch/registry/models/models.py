"""The tables of models and activations, as the queries see them; `migrations/` creates them."""

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
    sa.Column("judgement", JSONB),
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
