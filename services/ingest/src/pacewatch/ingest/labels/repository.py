"""The label rules as SQL (see docs/architecture/labels.md), in four statements that update whole sets of readings.

New readings and outcomes change labels in one direction only, which three statements follow cheaply. A corrected
outcome may change them in any direction: the first statement computes all labels of its devices again.
"""

from collections import Counter

import sqlalchemy as sa

from pacewatch.contracts.labels import LabelCounts
from pacewatch.ingest import day_sums
from pacewatch.kit.db import Session

_XID = "(SELECT pg_current_xact_id()::text::bigint)"

# A failure within (t, t + horizon] makes the reading at t positive, from any label and at any later time.
_POSITIVE = sa.text(f"""
    WITH failed AS MATERIALIZED (
        SELECT DISTINCT reading.device_id, reading.timestamp_s, reading.label AS before
        FROM ingest.standing_outcomes AS failure
        JOIN ingest.readings AS reading ON reading.device_id = failure.device_id
            AND reading.timestamp_s >= failure.occurred_at_s - :horizon_s
            AND reading.timestamp_s < failure.occurred_at_s
        WHERE failure.kind = 'failure' AND reading.label <> 'positive'
    ), moved AS (
        UPDATE ingest.readings AS reading SET label = 'positive', changed_xid = {_XID}
        FROM failed
        WHERE reading.device_id = failed.device_id AND reading.timestamp_s = failed.timestamp_s
        RETURNING failed.before
    )
    SELECT before::text, 'positive' AS after, count(*) AS rows FROM moved GROUP BY before
""")  # noqa: S608 - a constant

# Per device: its last sign of life and its end. A sign of life counts from the end of the oldest open window, so older
# partitions need not be read.
_EVIDENCE = """
    SELECT device_id,
        greatest(
            (SELECT max(timestamp_s) FROM ingest.readings AS sent
                WHERE sent.device_id = open.device_id AND sent.timestamp_s >= open.oldest_s + :horizon_s),
            (SELECT max(occurred_at_s) FROM ingest.standing_outcomes AS seen
                WHERE seen.device_id = open.device_id AND seen.kind = 'seen_healthy')
        ) AS heard_s,
        (SELECT min(occurred_at_s) FROM ingest.standing_outcomes AS gone
            WHERE gone.device_id = open.device_id AND gone.kind IN ('explant', 'lost')) AS gone_s
    FROM ({which}) AS open
"""

# Devices that have readings with this label whose window is over.
_DEVICES_WITH = """
    SELECT device_id, min(timestamp_s) AS oldest_s FROM ingest.readings
    WHERE label = '{state}' AND timestamp_s <= :closed_s GROUP BY device_id
"""

# Deletes the marks of the corrections it sees. A correction that commits meanwhile keeps its mark for the next update.
_CORRECTED = (
    "SELECT device_id, min(timestamp_s) AS oldest_s FROM corrected JOIN ingest.readings USING (device_id) GROUP BY 1"
)
_RECOMPUTED = sa.text(f"""
    WITH corrected AS (
        DELETE FROM ingest.to_rejudge RETURNING device_id
    ), devices AS MATERIALIZED ({_EVIDENCE.format(which=_CORRECTED)}), relabelled AS MATERIALIZED (
        SELECT reading.device_id, reading.timestamp_s, reading.label AS before, (
            CASE WHEN EXISTS (
                SELECT FROM ingest.standing_outcomes AS failure
                WHERE failure.device_id = reading.device_id AND failure.kind = 'failure'
                    AND failure.occurred_at_s > timestamp_s AND failure.occurred_at_s <= timestamp_s + :horizon_s
            ) THEN 'positive'
            WHEN timestamp_s > :closed_s THEN 'unresolved'
            WHEN heard_s >= timestamp_s + :horizon_s THEN 'negative'
            WHEN gone_s <= timestamp_s + :horizon_s OR timestamp_s <= :silent_s THEN 'censored'
            ELSE 'unresolved' END
        )::ingest.label_state AS after
        FROM devices JOIN ingest.readings AS reading USING (device_id)
    ), moved AS (
        UPDATE ingest.readings AS reading SET label = relabelled.after, changed_xid = {_XID}
        FROM relabelled
        WHERE reading.device_id = relabelled.device_id AND reading.timestamp_s = relabelled.timestamp_s
            AND relabelled.before <> relabelled.after
        RETURNING relabelled.before, relabelled.after
    )
    SELECT before::text, after::text, count(*) AS rows FROM moved GROUP BY 1, 2
""")  # noqa: S608 - a constant

# After the window: negative if the device sent since its end; censored if it was explanted or lost by then, or has been
# silent for the grace period as well.
_SETTLED = sa.text(f"""
    WITH devices AS MATERIALIZED ({_EVIDENCE.format(which=_DEVICES_WITH.format(state="unresolved"))}), moved AS (
        UPDATE ingest.readings AS reading
        SET changed_xid = {_XID}, label = (
            CASE WHEN heard_s >= timestamp_s + :horizon_s THEN 'negative' ELSE 'censored' END
        )::ingest.label_state
        FROM devices
        WHERE reading.device_id = devices.device_id
            AND label = 'unresolved' AND timestamp_s <= :closed_s
            AND (heard_s >= timestamp_s + :horizon_s
                OR gone_s <= timestamp_s + :horizon_s
                OR timestamp_s <= :silent_s)
        RETURNING label
    )
    SELECT 'unresolved' AS before, label::text AS after, count(*) AS rows FROM moved GROUP BY label
""")  # noqa: S608 - a constant

# A censored reading whose device sends again becomes negative: evidence of life outranks a report of the end.
_REVIVED = sa.text(f"""
    WITH devices AS MATERIALIZED ({_EVIDENCE.format(which=_DEVICES_WITH.format(state="censored"))}), moved AS (
        UPDATE ingest.readings AS reading SET changed_xid = {_XID}, label = 'negative'
        FROM devices
        WHERE reading.device_id = devices.device_id
            AND label = 'censored' AND heard_s >= timestamp_s + :horizon_s
        RETURNING label
    )
    SELECT 'censored' AS before, 'negative' AS after, count(*) AS rows FROM moved HAVING count(*) > 0
""")  # noqa: S608 - a constant

# Counts are stored, by the only transactions that change labels: counting millions per request would be slow.
_UPDATE_COUNTS = sa.text("""
    UPDATE ingest.ledger SET as_of_s = :as_of_s, positive = positive + :positive, negative = negative + :negative,
        censored = censored + :censored
""")
_COUNTS = sa.text(f"""
    SELECT as_of_s, positive, negative, censored,
        (SELECT coalesce(sum(stored), 0)::bigint FROM ({day_sums.DAYS}) AS days)
            - positive - negative - censored AS unresolved
    FROM ingest.ledger
""")  # noqa: S608 - a constant


async def lock(session: Session) -> None:
    """Wait for the lock that allows one update of labels at a time."""
    await session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('ingest.ledger'))"))


async def try_lock(session: Session) -> bool:
    """Take the lock that allows one update of labels at a time; False if it is taken."""
    return bool(await session.scalar(sa.text("SELECT pg_try_advisory_xact_lock(hashtext('ingest.ledger'))")))


async def update_labels(session: Session, now_s: int, horizon_s: int, silent_since_s: int) -> Counter[tuple[str, str]]:
    """Update every label as of `now_s`; counts changed readings by label before and after.

    A device that has sent nothing since `silent_since_s` is silent.
    """
    times = {"horizon_s": horizon_s, "closed_s": now_s - horizon_s, "silent_s": silent_since_s - horizon_s}
    moves: Counter[tuple[str, str]] = Counter()
    for statement in (_RECOMPUTED, _POSITIVE, _SETTLED, _REVIVED):
        for row in await session.execute(statement, times):
            moves[row.before, row.after] += row.rows
    return moves


async def update_counts(session: Session, as_of_s: int, changes: dict[str, int]) -> None:
    """Add `changes` by label to the counts, which are then as of `as_of_s`."""
    states = {state: changes.get(state, 0) for state in ("positive", "negative", "censored")}
    await session.execute(_UPDATE_COUNTS, {"as_of_s": as_of_s, **states})


async def counts(session: Session) -> tuple[int | None, LabelCounts]:
    """When labels were last updated, Unix seconds, and readings by label."""
    row = (await session.execute(_COUNTS)).mappings().one()
    return row["as_of_s"], LabelCounts(**{state: row[state] for state in LabelCounts.model_fields})
