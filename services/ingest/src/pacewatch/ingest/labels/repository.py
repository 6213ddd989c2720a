"""The label ledger as SQL: DESIGN.md section 7, in four statements that move whole sets of readings.

What is learnt in addition moves labels one way only, and three statements follow it cheaply. A corrected outcome may
move them any way: the first statement judges its devices afresh.
"""

from collections import Counter

import sqlalchemy as sa

from pacewatch.contracts.labels import LabelCounts
from pacewatch.ingest import sums
from pacewatch.kit.db import Session

_XID = "(SELECT pg_current_xact_id()::text::bigint)"

# A failure within (t, t + horizon] makes the reading at t positive, whatever it was and whenever we learn of it.
POSITIVE = sa.text(f"""
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

# What is known of some devices. A sign of life counts from the end of the oldest window in question: older partitions
# need not be looked at.
_KNOWN = """
    SELECT device_id,
        greatest(
            (SELECT max(timestamp_s) FROM ingest.readings AS heard
                WHERE heard.device_id = open.device_id AND heard.timestamp_s >= open.oldest_s + :horizon_s),
            (SELECT max(occurred_at_s) FROM ingest.standing_outcomes AS seen
                WHERE seen.device_id = open.device_id AND seen.kind = 'seen_healthy')
        ) AS heard_s,
        (SELECT min(occurred_at_s) FROM ingest.standing_outcomes AS gone
            WHERE gone.device_id = open.device_id AND gone.kind IN ('explant', 'lost')) AS gone_s
    FROM ({which}) AS open
"""

# Those with readings in a state whose window is over.
_OPEN = """
    SELECT device_id, min(timestamp_s) AS oldest_s FROM ingest.readings
    WHERE label = '{state}' AND timestamp_s <= :closed_s GROUP BY device_id
"""

# Takes the marks of the corrections it sees. What commits meanwhile keeps its mark for the next judgement.
_CORRECTED = (
    "SELECT device_id, min(timestamp_s) AS oldest_s FROM corrected JOIN ingest.readings USING (device_id) GROUP BY 1"
)
REJUDGED = sa.text(f"""
    WITH corrected AS (
        DELETE FROM ingest.to_rejudge RETURNING device_id
    ), devices AS MATERIALIZED ({_KNOWN.format(which=_CORRECTED)}), judged AS MATERIALIZED (
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
        UPDATE ingest.readings AS reading SET label = judged.after, changed_xid = {_XID}
        FROM judged
        WHERE reading.device_id = judged.device_id AND reading.timestamp_s = judged.timestamp_s
            AND judged.before <> judged.after
        RETURNING judged.before, judged.after
    )
    SELECT before::text, after::text, count(*) AS rows FROM moved GROUP BY 1, 2
""")  # noqa: S608 - a constant

# Once the window is over: heard from since, negative; gone by then, or silent for the grace as well, censored.
SETTLED = sa.text(f"""
    WITH devices AS MATERIALIZED ({_KNOWN.format(which=_OPEN.format(state="unresolved"))}), moved AS (
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

# A censored reading whose device is heard again becomes negative: evidence of life outranks a report of its end.
REVIVED = sa.text(f"""
    WITH devices AS MATERIALIZED ({_KNOWN.format(which=_OPEN.format(state="censored"))}), moved AS (
        UPDATE ingest.readings AS reading SET changed_xid = {_XID}, label = 'negative'
        FROM devices
        WHERE reading.device_id = devices.device_id
            AND label = 'censored' AND heard_s >= timestamp_s + :horizon_s
        RETURNING label
    )
    SELECT 'censored' AS before, 'negative' AS after, count(*) AS rows FROM moved HAVING count(*) > 0
""")  # noqa: S608 - a constant

# Kept beside the readings, by the only transaction that changes labels: counting millions on request would be slow.
_BOOK = sa.text("""
    UPDATE ingest.ledger SET as_of_s = :as_of_s, positive = positive + :positive, negative = negative + :negative,
        censored = censored + :censored
""")
_COUNTS = sa.text(f"""
    SELECT as_of_s, positive, negative, censored,
        (SELECT coalesce(sum(stored), 0)::bigint FROM ({sums.DAYS}) AS days)
            - positive - negative - censored AS unresolved
    FROM ingest.ledger
""")  # noqa: S608 - a constant


async def lock(session: Session) -> None:
    """One judgement at a time; waits."""
    await session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('ingest.ledger'))"))


async def try_lock(session: Session) -> bool:
    """One judgement at a time; False if somebody else is at it."""
    return bool(await session.scalar(sa.text("SELECT pg_try_advisory_xact_lock(hashtext('ingest.ledger'))")))


async def move(session: Session, now_s: int, horizon_s: int, grace_s: int) -> Counter[tuple[str, str]]:
    """Bring every reading's label to what is known as of `now_s`; readings moved, by state before and after."""
    closed_s = now_s - horizon_s
    known = {"horizon_s": horizon_s, "closed_s": closed_s, "silent_s": closed_s - grace_s}
    moves: Counter[tuple[str, str]] = Counter()
    for statement in (REJUDGED, POSITIVE, SETTLED, REVIVED):
        for row in await session.execute(statement, known):
            moves[row.before, row.after] += row.rows
    return moves


async def book(session: Session, as_of_s: int, changes: dict[str, int]) -> None:
    """Add `changes` by state to the counts, which are now as of `as_of_s`."""
    states = {state: changes.get(state, 0) for state in ("positive", "negative", "censored")}
    await session.execute(_BOOK, {"as_of_s": as_of_s, **states})


async def counts(session: Session) -> tuple[int | None, LabelCounts]:
    """When the ledger was last judged, Unix seconds, and readings by state."""
    row = (await session.execute(_COUNTS)).mappings().one()
    return row["as_of_s"], LabelCounts(**{state: row[state] for state in LabelCounts.model_fields})
