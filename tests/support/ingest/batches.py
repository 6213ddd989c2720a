"""Stores a batch in a transaction that the test commits when it wants to."""

import json

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.telemetry.batches import BatchRequest
from pacewatch.ingest.telemetry.bodies import check_body
from pacewatch.ingest.telemetry.rules import rules_of
from pacewatch.ingest.telemetry.service import ingest
from pacewatch.kit import clock
from pacewatch.kit.db import Session
from support.ingest import Row


async def store_batch(session: Session, *rows: Row) -> None:
    """Store a live batch, as a request would whose transaction has not ended."""
    request = BatchRequest(json.dumps(rows).encode(), Mode.LIVE, "test", "", None)
    checked = check_body(request.body, request.media_type, rules_of(PACEMAKER), clock.now_s())
    await ingest(session, PACEMAKER, request, checked)
