"""What the tables hold, said in the database."""

from pacewatch.contracts.profile import Profile
from pacewatch.kit import migrate
from pacewatch.kit.messaging import restore, tables

revision = "0005"
down_revision = "0004"

COMMENTS = """
registry: Models, the gate's verdicts, activations, training runs and pipeline runs
models: Every version of the model
  version: Version, the UTC time of its training as YYYYMMDDTHHMMSSZ
  status: candidate, rejected, accepted or deleted, which version is active is in active_model
  run_id: Training run that made it
  algorithm: Algorithm that the run chose
  threshold: Operating threshold, 0 to 1
  trained_at: When it was trained
  artifact_uri: Place of the artifact in the store
  artifact_sha256: SHA-256 of the artifact
  manifest_json: The signed manifest
  signature: Ed25519 signature of the manifest, base64
  metrics: Figures of the model, by name
  dataset: What it was trained on
  parameters: Hyperparameters
  gate: Checks of the gate with values and limits
  reason: Why it has its status
  activated_at: When it last became active
  judge_after: When the gate looks at it next, of a candidate
  judge_failures: How often judging it failed
  judgement: Verdict, gate file and signature
activations: Every change of the active model
  sequence: Number, which rises with every activation
  version: Version that became active
  previous: Version that was active before
  fallback_sequence: Activation that a rollback of this one returns to
  actor: Who did it
  reason: Why
  activated_at: When, fleet time
active_model: The active version
  only_row: Always true, the table has one row
  version: Version, null while there is none
  sequence: Number of its activation
training_runs: Training runs as requested and reported
  id: UUID of the run
  status: requested, running, succeeded, failed or cancelled
  requested_here: Whether a person or the schedule of this platform requested it, or an agent on its own
  reason: Why it was requested
  actor: Who requested it
  parameters: Hyperparameters and options
  stage: Stage it is in or ended in
  percent: Progress in percent
  message: Progress or failure in words
  model_version: Version that it published
  requested_at: When it was requested, fleet time
  ended_at: When it ended, fleet time
  heard_at: When its agent last reported, wall time
pipeline_stages: What pipelines outside the platform report, one row for each stage of a run
  pipeline_run_id: Run
  stage: Stage
  pipeline: Pipeline
  status: running, succeeded, failed or skipped
  commit: Git commit
  artifacts: Names or addresses of what it made
  actor: Key that reported it
  started_at: When the stage was first reported
  reported_at: When it was last reported
label_ledger: The newest counts of labels, as ingest announced them
  only_row: Always true, the table has one row
  as_of: Fleet time of the counts
  first_as_of: Fleet time of the first counts
  counts: Readings by label
view active_artifact: The artifact of the active model, which the trainer reads
  version: Version
  uri: Place of the artifact in the store
  sha256: SHA-256 of the artifact
  manifest_json: The signed manifest
  signature: Ed25519 signature of the manifest, base64
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """A comment on the schema and on every table and column."""
    migrate.comment(schema, COMMENTS + tables.COMMENTS + restore.COMMENTS)
