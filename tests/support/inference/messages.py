"""Telemetry as inference receives it: events of ingest, their envelopes, and the consumer that takes them."""

from datetime import UTC, datetime
from uuid import uuid4

import numpy as np

from pacewatch.contracts.base import Event
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode, ReadingColumns, TelemetryAccepted
from pacewatch.inference.handlers import HANDLERS
from pacewatch.inference.service import Inference
from pacewatch.kit import clock
from pacewatch.kit.db import Database
from pacewatch.kit.messaging.consumer import Consumer
from pacewatch.kit.messaging.envelope import Envelope
from pacewatch.kit.module import bind


def telemetry_event(mode: Mode, readings: np.ndarray) -> TelemetryAccepted:
    """The event of simulated readings, which are sorted by device and time."""
    return TelemetryAccepted(
        batch_id=uuid4(),
        mode=mode,
        profile=PACEMAKER.name,
        received_at=clock.now(),
        readings=ReadingColumns(
            device_ids=readings["device_id"].tolist(),
            timestamps_s=readings["timestamp_s"].tolist(),
            signals={name: readings[name].tolist() for name in PACEMAKER.signal_names},
        ),
    )


def envelope_of(event: Event) -> Envelope:
    """The event as the bus delivers it."""
    return Envelope(
        id=uuid4(),
        type=event.type,
        source="/pacewatch/ingest",
        subject=event.subject(),
        time=datetime.now(UTC),
        correlation_id="test",
        causation_id="",
        schema_version=event.schema_version,
        data=event.model_dump_json().encode(),
    )


def telemetry_consumer(database: Database, inference: Inference) -> Consumer:
    """The consumer of telemetry, as the launcher builds it."""
    handlers = bind("inference", HANDLERS, inference=inference)
    return Consumer(database, next(handler for handler in handlers if TelemetryAccepted in handler.events))
