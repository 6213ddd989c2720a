"""What the tables hold, said in the database, and a view of alerts for tools that read times."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit import migrate
from pacewatch.kit.messaging import tables

revision = "0004"
down_revision = "0003"

# An alert that is over is cleared, whether or not somebody acknowledged it: as the API lists it.
VIEW = """
CREATE VIEW {schema}.timed_alerts AS
    SELECT id, device_id, kind,
        CASE WHEN cleared_at IS NOT NULL THEN 'cleared'
            WHEN acknowledged_at IS NOT NULL THEN 'acknowledged' ELSE 'open' END AS status,
        risk, relative_risk, coalesce(decided_by, 'model') AS decided_by, model_version,
        to_timestamp(timestamp_s) AS measured_at, raised_at, cleared_at, acknowledged_at, acknowledged_by
    FROM {schema}.alerts WHERE raised_at IS NOT NULL
"""
COMMENTS = """
notifier: Alerts as people see them, and their mails
alerts: Alerts, one for an episode, a row without raised_at is not listed (its end arrived before its beginning)
  id: UUID of the episode and the alert
  device_id: Device
  kind: What it warns of, failure_risk
  risk: Probability of a failure within the horizon, 0 to 1
  threshold: Operating threshold of the model at that time, 0 to 1
  factors: What stood out, as JSON
  signals: The reading by signal, in the units of the profile
  timestamp_s: Time of the reading, Unix seconds UTC
  model_version: Version of the model that scored it
  raised_at: When it was raised, fleet time
  cleared_at: When its episode ended, fleet time, null before
  acknowledged_at: When a person acknowledged it, null before
  acknowledged_by: Who acknowledged it
  note: What that person wrote
  decided_by: model or limit (a hard limit of the profile), null for alerts of earlier releases, which were the model's
  relative_risk: Risk as a multiple of the fleet's base rate, null if unknown
deliveries: Mails, one for each alert and recipient
  id: Number of the mail
  alert_id: Alert
  recipient: E-mail address
  recipient_name: Name of the recipient
  message_id: Message-ID of the mail, always the same for this alert and recipient
  status: queued, sent or failed
  attempts: How often it was sent
  due_at: When it is sent next, also the lease of the process that sends it
  last_error: Why the last attempt failed
  correlation_id: Id of the request or event at the beginning of the chain
  created_at: When it was queued, wall time
  sent_at: When the mail server accepted it, wall time
view timed_alerts: Alerts with times as timestamps, for BI tools
  id: UUID of the alert
  device_id: Device
  kind: What it warns of
  status: open, acknowledged or cleared
  risk: Probability of a failure within the horizon, 0 to 1
  relative_risk: Risk as a multiple of the fleet's base rate
  decided_by: model or limit
  model_version: Version of the model
  measured_at: Time of the reading
  raised_at: When it was raised, fleet time
  cleared_at: When its episode ended, fleet time
  acknowledged_at: When a person acknowledged it
  acknowledged_by: Who acknowledged it
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """A comment on the schema and on every table and column."""
    op.execute(VIEW.format(schema=schema))
    migrate.comment(schema, COMMENTS + tables.COMMENTS)
