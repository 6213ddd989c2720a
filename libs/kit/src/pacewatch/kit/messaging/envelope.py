"""Envelopes: an event as CloudEvents 1.0 headers and JSON data, for any transport."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

CONTENT_TYPE = "application/json"


class MalformedEnvelope(ValueError):
    """A message without the attributes that every event has."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event with its attributes. `data` is the event as JSON in UTF-8."""

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    correlation_id: str
    causation_id: str
    schema_version: int
    data: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The CloudEvents attributes, in the binary content mode of the AMQP binding."""
        return {
            "cloudEvents:specversion": "1.0",
            "cloudEvents:id": str(self.id),
            "cloudEvents:type": self.type,
            "cloudEvents:source": self.source,
            "cloudEvents:subject": self.subject,
            "cloudEvents:time": self.time.isoformat(),
            "cloudEvents:dataschema": f"{self.type}.v{self.schema_version}",
            "cloudEvents:correlationid": self.correlation_id,
            "cloudEvents:causationid": self.causation_id,
        }

    @classmethod
    def from_headers(cls, headers: dict[str, object], data: bytes) -> Self:
        """Parse `headers` and `data`; MalformedEnvelope if an attribute is missing or invalid."""
        try:
            attributes = {key.removeprefix("cloudEvents:"): str(value) for key, value in headers.items()}
            return cls(
                id=UUID(attributes["id"]),
                type=attributes["type"],
                source=attributes["source"],
                subject=attributes.get("subject", ""),
                time=datetime.fromisoformat(attributes["time"]).astimezone(UTC),
                correlation_id=attributes.get("correlationid", ""),
                causation_id=attributes.get("causationid", ""),
                schema_version=int(attributes["dataschema"].rpartition(".v")[2]),
                data=data,
            )
        except (KeyError, ValueError, OverflowError) as error:
            raise MalformedEnvelope(f"not a Pacewatch event: {error!r}"[:200]) from error

    @classmethod
    def unreadable(cls, message_id: str, data: bytes) -> Self:
        """An envelope without type and time for a message that is not an event, so that it can be listed."""
        try:
            event_id = UUID(message_id)
        except ValueError:
            event_id = UUID(int=0)
        return cls(event_id, "", "", "", datetime.fromtimestamp(0, UTC), "", "", 0, data)
