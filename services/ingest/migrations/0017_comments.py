"""What the tables hold, said in the database, and views of readings and outcomes for tools that read times."""

from alembic import op

from pacewatch.contracts.profile import Profile
from pacewatch.kit import migrate
from pacewatch.kit.messaging import restore, tables

revision = "0017"
down_revision = "0016"

VIEWS = """
CREATE VIEW {schema}.timed_readings AS
    SELECT device_id, to_timestamp(timestamp_s) AS measured_at, {signal_names}, label\\:\\:text AS label, timestamp_s
    FROM {schema}.readings;
CREATE VIEW {schema}.timed_outcomes AS
    SELECT device_id, kind, mode, to_timestamp(occurred_at_s) AS occurred_at, to_timestamp(learnt_at_s) AS learnt_at,
        recorded_at
    FROM {schema}.outcomes WHERE superseded_at IS NULL AND NOT withdrawn
"""
COMMENTS = """
ingest: Telemetry, the register of devices, outcomes, and the labels that follow from them
readings: Accepted readings, one row for each device and time, partitioned by year, values never change
  device_id: Device
  timestamp_s: Time of the reading, Unix seconds UTC
{signals}  batch_number: Batch that brought it
  label: unresolved, positive (a failure within the horizon), negative or censored
  changed_xid: Transaction that last changed the row, the watermark of the trainer's pull
batches: The audit of batches, a row for each request or chunk of an upload
  number: Order of arrival
  id: UUID of the batch
  mode: live (scored) or backfill (history)
  received_at: When it arrived, fleet time
  actor: E-mail address or key that sent it
  address: Address of the client
  correlation_id: Id of the request or upload
  received: Rows that were sent
  accepted: Rows that were new and valid
  duplicates: Rows whose key was stored already
  rejected: Rows that were invalid
  codes: Rows by code of their error
  first_s: First time of an accepted reading, Unix seconds UTC
  last_s: Last time of an accepted reading, Unix seconds UTC
  idempotency_key: Key under which a repeat gets the first answer
  request_hash: Hash of the request with that key
  reply_status: Status of that answer
  reply: Body of that answer
  late: Accepted live rows that came later than the profile allows
  removed: Readings that retention has removed since
  left_first_s: First time of the readings that are left, Unix seconds UTC
  left_last_s: Last time of the readings that are left, Unix seconds UTC
  events: How many events it became, null for batches of earlier releases
uploads: Files, processed chunk by chunk
  number: Order of arrival
  id: UUID of the upload
  format: csv, ndjson or parquet
  mode: live (scored) or backfill (history)
  status: queued, running, done, failed or cancelled
  received_at: When the file arrived, fleet time
  finished_at: When it ended, fleet time
  actor: E-mail address or key that sent it
  address: Address of the client
  correlation_id: Id of the request
  bytes_total: Size of the file
  bytes_done: Bytes that are processed
  rows_total: Rows of the file, if its format says so
  rows_done: Rows that are processed
  accepted: Rows that were new and valid
  duplicates: Rows whose key was stored already
  rejected: Rows that were invalid
  codes: Rows by code of their error
  ignored_columns: Columns that were sent and not used
  error: Why it failed, in words
  error_code: Why it failed, as a code
  attempts: How often it was tried
  lease_owner: Worker that holds it
  lease_until: Until when it holds it
  late: Accepted live rows that came later than the profile allows
  first_s: First time of an accepted reading, Unix seconds UTC
  last_s: Last time of an accepted reading, Unix seconds UTC
  delimiter: What separates the columns of a CSV
  decimal_sign: The decimal sign of a CSV
  time_format: Format of times that are no ISO 8601, empty if they are
  dry_run: Whether the file was only checked
  blank_rows: Empty rows that were left out
  findings: What was found in the file, by column and kind
upload_rejects: Rejected rows of uploads, the first 10,000 errors of each
  upload_number: Upload
  place: Order of the errors
  row: Row of the file, from 0
  field: Column
  code: Why, as a code
  message: Why, in words
outcomes: What happened to devices, as reported, corrected and withdrawn
  id: UUID of the outcome
  device_id: Device
  kind: failure, explant, lost or seen_healthy
  mode: Failure mode or component
  occurred_at_s: When it happened, Unix seconds UTC
  learnt_at_s: When it became known, Unix seconds UTC
  recorded_at: When it was recorded, fleet time
  actor: Who recorded it
  correlation_id: Id of the request
  origin: The first outcome of its chain of corrections
  revision: Number within that chain, from 0
  withdrawn: Whether it says that there was no such outcome
  reason: Why it corrects its predecessor
  superseded_at: When a correction replaced it, null while it stands
ledger: Counts of labels
  only_row: Always true, the table has one row
  as_of_s: Fleet time of the last update, Unix seconds UTC
  positive: Readings with that label
  negative: Readings with that label
  censored: Readings with that label
to_rejudge: Devices whose labels are to be computed again, as an outcome of theirs changed
  number: Order of the changes
  device_id: Device
registrations: Requests that changed the register
  number: Order of the requests
  id: UUID of the registration
  recorded_at: When it was recorded, fleet time
  actor: Who recorded it
  reason: Why the register changed
  correlation_id: Id of the request
  entries: How many values it recorded
attributes: The register, values of attributes from a moment on, nothing is updated
  number: Order of entries, of one device, attribute and moment the highest counts
  registration: Registration
  device_id: Device
  attribute: Attribute of the profile
  valid_from_s: From when the value holds, Unix seconds UTC
  as_text: Value as text
  as_number: Value as number, a date as Unix seconds UTC
devices: Every device that ever sent a reading
  device_id: Device
device_names: Devices with names, every name has an id beyond all numbers
  name: Name as people write it
  device_id: Device
heartbeat: When ingest was last alive
  only_row: Always true, the table has one row
  alive_at: By the clock of the database
  alive_s: Fleet time, Unix seconds UTC
downtimes: Downtimes of ingest itself, which are no silence of devices
  from_s: Fleet time of the last heartbeat before it, Unix seconds UTC
  to_s: Fleet time of the first heartbeat after it, Unix seconds UTC
  named: Whether it was announced
connectivity: When live readings of each device last arrived
  device_id: Device
  newest_s: Time of its newest live reading, Unix seconds UTC
  heard_s: When it arrived, fleet time, Unix seconds UTC
  told: State that was last announced, connected, late or disconnected
connectivity_watch: How far the watch of connectivity has come
  only_row: Always true, the table has one row
  seen_xid: Transactions below it were seen
  judged_s: Fleet time of the last judgement, Unix seconds UTC
sender_days: What each sender sent on each day, for quotas
  day: Day, UTC
  sender: E-mail address or key
  rows: Rows
  bytes: Bytes
day_sums: The audit summed by day
  day: Day of arrival, UTC
  batches: Batches
  accepted: Accepted rows
  stored: Accepted rows that retention has not removed
  first_s: First time of a stored reading, Unix seconds UTC
  last_s: Last time of a stored reading, Unix seconds UTC
  last_received_at: Arrival of the last batch, fleet time
summed: How far the audit is summed
  only_row: Always true, the table has one row
  up_to: Number of the last batch that is in day_sums
view labelled_readings: Readings with their labels, which the trainer reads
  device_id: Device
  timestamp_s: Time of the reading, Unix seconds UTC
{signals}  label: unresolved, positive, negative or censored
  changed_xid: Transaction that last changed the row
view standing_outcomes: Outcomes that neither were corrected nor withdrawn
  id: UUID of the outcome
  device_id: Device
  kind: failure, explant, lost or seen_healthy
  mode: Failure mode or component
  occurred_at_s: When it happened, Unix seconds UTC
view failures: Standing outcomes that are failures, which the trainer reads
  device_id: Device
  occurred_at_s: When it failed, Unix seconds UTC
  mode: Failure mode or component
view watched_devices: Devices whose connectivity is watched, without failed, explanted and lost ones
  device_id: Device
  heard_s: When its newest live reading arrived, fleet time, Unix seconds UTC
  told: State that was last announced
view device_attributes: Values of the register that hold, which the trainer reads
  device_id: Device
  attribute: Attribute of the profile
  valid_from_s: From when the value holds, Unix seconds UTC
  as_text: Value as text
  as_number: Value as number, a date as Unix seconds UTC
view timed_readings: Readings with times as timestamps and labels as words, for BI tools
  device_id: Device
  measured_at: Time of the reading
{signals}  label: unresolved, positive, negative or censored
  timestamp_s: Time of the reading, Unix seconds UTC, filter by it, as it has an index and chooses partitions
view timed_outcomes: Standing outcomes with times as timestamps, for BI tools
  device_id: Device
  kind: failure, explant, lost or seen_healthy
  mode: Failure mode or component
  occurred_at: When it happened
  learnt_at: When it became known
  recorded_at: When it was recorded, fleet time
"""


def upgrade(schema: str, profile: Profile) -> None:
    """A comment on the schema and on every table and column."""
    signals = "".join(f"  {signal.name}: {signal.label}, {signal.unit}\n" for signal in profile.signals)
    names = ", ".join(f'"{name}"' for name in profile.signal_names)
    for statement in VIEWS.format(schema=schema, signal_names=names).split(";\n"):
        op.execute(statement)
    migrate.comment(schema, COMMENTS.format(signals=signals) + tables.COMMENTS + restore.COMMENTS)
