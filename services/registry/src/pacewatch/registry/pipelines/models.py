"""The table of pipeline stages, as the queries see it; `migrations/` creates it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from pacewatch.kit.db import Timestamp

pipeline_stages = sa.Table(
    "pipeline_stages",
    sa.MetaData(schema="registry"),
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
