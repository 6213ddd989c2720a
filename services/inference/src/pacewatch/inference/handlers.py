"""The events that inference reacts to."""

from pacewatch.contracts.devices import DeviceRegistered
from pacewatch.contracts.models import ModelActivated
from pacewatch.contracts.telemetry import TelemetryAccepted
from pacewatch.inference import service
from pacewatch.inference.jobs import rescore
from pacewatch.inference.service import Inference
from pacewatch.kit.db import Session
from pacewatch.kit.module import Handlers


async def on_telemetry_accepted(event: TelemetryAccepted, session: Session, inference: Inference) -> None:
    """Store the readings and score them; predictions, risks and episodes commit together."""
    await service.process_batch(session, inference, event)


async def on_device_registered(event: DeviceRegistered, session: Session) -> None:
    """Store attributes of devices; the next score of a device uses them."""
    await service.store_attributes(session, event)


async def on_model_activated(event: ModelActivated, session: Session) -> None:
    """Score with this model from now on; the rescoring loop scores the whole fleet with it."""
    await rescore.store_activation(session, event)


HANDLERS: Handlers = {
    on_telemetry_accepted: (TelemetryAccepted,),
    on_device_registered: (DeviceRegistered,),
    on_model_activated: (ModelActivated,),
}
