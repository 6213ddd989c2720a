"""What the tables hold, said in the database."""

from pacewatch.contracts.profile import Profile
from pacewatch.kit import migrate
from pacewatch.kit.messaging import tables

revision = "0002"
down_revision = "0001"

COMMENTS = """
trainer_agent: Training runs as their agents work on them
runs: Training runs with lease, progress and result
  id: UUID of the run, the same as in registry.training_runs
  status: requested, running, succeeded, failed or cancelled
  reason: Why it was requested
  actor: Who requested it
  parameters: Hyperparameters and options of the request
  requested_at: When the request arrived, wall time
  lease_token: Proof of the worker that holds the run
  lease_until: Until when it holds the run unless it renews the lease
  attempts: How often a process was started for it
  agent: Machine and process that holds or held it
  stage: Stage it is in or ended in
  percent: Progress in percent
  message: Progress or failure in words
  started_at: When a worker first claimed it
  ended_at: When it ended
  model_version: Version that it published
  metrics: Figures of the model, by name
  dataset: What it was trained on
  data_sha256: SHA-256 of the training rows
  commit: Git commit of the code
  durations_s: Seconds by stage
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """A comment on the schema and on every table and column."""
    migrate.comment(schema, COMMENTS + tables.COMMENTS)
