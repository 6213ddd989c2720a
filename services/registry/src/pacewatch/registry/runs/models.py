"""The tables of training runs and label counts, as the queries see them; `migrations/` creates them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from pacewatch.kit.db import Timestamp

_metadata = sa.MetaData(schema="registry")

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

label_ledger = sa.Table(
    "label_ledger",
    _metadata,
    sa.Column("only_row", sa.Boolean, primary_key=True),
    sa.Column("as_of", Timestamp),
    sa.Column("first_as_of", Timestamp),
    sa.Column("counts", JSONB),
)
