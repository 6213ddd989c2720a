"""What the tables hold, said in the database, and a view of scores for tools that read times."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit import migrate
from pacewatch.kit.messaging import restore, tables

revision = "0010"
down_revision = "0009"

# As `stored_verdict` reads rows of earlier releases.
VIEW = """
CREATE VIEW {schema}.timed_scores AS
    SELECT device_id, to_timestamp(timestamp_s) AS measured_at, risk, threshold,
        CASE code WHEN 1 THEN 'normal' WHEN 2 THEN 'elevated' WHEN 3 THEN 'high' WHEN 4 THEN 'high' END AS level,
        CASE WHEN code BETWEEN 1 AND 3 THEN 'model' WHEN code = 4 THEN 'limit' END AS decided_by,
        model_version, scored_at, timestamp_s
    FROM (
        SELECT *, coalesce(
            verdict, CASE WHEN risk >= threshold THEN 3 WHEN risk >= threshold / 2 THEN 2 ELSE 1 END
        ) AS code FROM {schema}.predictions WHERE superseded_at IS NULL
    ) AS counting
"""
COMMENTS = """
inference: Windows of readings, scores, levels and episodes
readings: Readings that scores can depend on, older ones are pruned
  device_id: Device
  timestamp_s: Time of the reading, Unix seconds UTC
{signals}  live: Whether it is scored, history is not
  batch_number: Number of the batch with which it became known here
attributes: The register of devices, as ingest announced it
  attribute: Attribute of the profile
  device_id: Device
  valid_from_s: From when the value holds, Unix seconds UTC
  number: Order of entries, of one device, attribute and moment the highest counts
  batch_number: Number of the batch up to which it was unknown here
  as_text: Value as text
  as_number: Value as number, a date as Unix seconds UTC
devices: The current risk of each device, its row is the lock that serialises scoring
  device_id: Device
  newest_s: Time of its newest reading, Unix seconds UTC
  considered_sequence: Activation under which its newest reading was last considered
  risk: Probability of a failure within the horizon, 0 to 1
  level: high, elevated or normal, null without enough history
  threshold: Operating threshold of the model, 0 to 1
  model_version: Version of the model that scored it
  scored_s: Time of the scored reading, Unix seconds UTC
  scored_at: When it was scored, fleet time
  window_token: Random number that shows whether a window in memory is current
  unscored_since_s: Time of its first live reading that is to be scored, null for none
  decided_by: model or limit (a hard limit of the profile)
predictions: Every score, a later revision supersedes the earlier ones of its reading
  device_id: Device
  timestamp_s: Time of the scored reading, Unix seconds UTC
  revision: Number of the score of this reading, from 0
  risk: Probability of a failure within the horizon, 0 to 1
  threshold: Operating threshold of the model, 0 to 1
  model_version: Version of the model
  feature_hash: Hash of the names of the predictors
  batch_id: Batch of ingest that caused the score
  scored_at: When it was scored, fleet time
  superseded_at: When a later revision superseded it, null while it counts
  known_batch: Number of the batch up to which readings and attributes were known
  reasons: Contributions of earlier releases, three numbers each (predictor, value, contribution)
  verdict: -1 settling, 0 not enough history, 1 normal, 2 elevated, 3 high, 4 hard limit, null for earlier releases
  facts: Age of the baselines in days, then for each group sum of contributions, predictor, value, baseline
models: Every activation, as received, the one with the highest sequence scores
  sequence: Number of the activation
  version: Version of the model
  threshold: Operating threshold, 0 to 1
  artifact: Place, hash, manifest and signature of the artifact
  activated_at: When it was activated, fleet time
  moves_up: How many devices it moved to a higher level
  moves_down: How many devices it moved to a lower level
episodes: Stretches of danger of devices, each causes at most one alert
  id: UUID of the episode and its alert
  device_id: Device
  kind: What it warns of, failure_risk
  risk: Probability at its beginning, 0 to 1
  threshold: Operating threshold at its beginning, 0 to 1
  model_version: Version of the model
  timestamp_s: Time of the reading that opened it, Unix seconds UTC
  opened_at: When it opened, fleet time
  closed_at: When it closed, fleet time, null before
  closing_risk: Probability at its end, 0 to 1
  raised: The event that it raised, null for a suppressed one
  danger_s: Time of the last reading that was a danger, Unix seconds UTC, null if it was the one at timestamp_s
  decided_by: model or limit (a hard limit of the profile)
view timed_scores: Scores that count, with times as timestamps and levels as words, for BI tools
  device_id: Device
  measured_at: Time of the scored reading
  risk: Probability of a failure within the horizon, 0 to 1
  threshold: Operating threshold of the model, 0 to 1
  level: high, elevated or normal, null without enough history
  decided_by: model or limit, null without a level
  model_version: Version of the model
  scored_at: When it was scored, fleet time
  timestamp_s: Time of the reading, Unix seconds UTC, filter by it, as it has an index
"""


def upgrade(schema: str, profile: Profile) -> None:
    """A comment on the schema and on every table and column."""
    signals = "".join(f"  {signal.name}: {signal.label}, {signal.unit}\n" for signal in profile.signals)
    op.execute(VIEW.format(schema=schema))
    migrate.comment(schema, COMMENTS.format(signals=signals) + tables.COMMENTS + restore.COMMENTS)
