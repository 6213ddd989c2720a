"""Envelopes: an event as CloudEvents 1.0 headers and JSON data, for any transport."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self
from uuid import UUID, uuid5

CONTENT_TYPE: Final = "application/json"
SPEC_VERSION: Final = "1.0"
# The AMQP binding allows both. We write the first, which earlier releases read; the official SDK writes the second.
PREFIXES: Final = ("cloudEvents:", "cloudEvents_")
# Ids of other senders may be any text that is unique within their source; inboxes know events by UUID.
_FOREIGN_IDS: Final = UUID("6f6b6a0e-2f5b-4d0c-9d1c-5c1a3b8f2a77")
_MAX_VERSION_DIGITS: Final = 4


class MalformedEnvelope(ValueError):
    """A message without the attributes that every event has, or with values of other types."""


def data_schema(event_type: str, schema_version: int) -> str:
    """The CloudEvents `dataschema`: the `$id` of the JSON Schema in `contracts/schemas`."""
    return f"urn:pacewatch:{event_type}.v{schema_version}"


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
        """The CloudEvents attributes, in the binary content mode of the AMQP binding; none is empty."""
        attributes = {
            "specversion": SPEC_VERSION,
            "id": str(self.id),
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "dataschema": data_schema(self.type, self.schema_version),
            "correlationid": self.correlation_id,
            "causationid": self.causation_id,
        }
        return {PREFIXES[0] + name: value for name, value in attributes.items() if value}

    @classmethod
    def from_headers(cls, headers: Mapping[str, object], data: bytes) -> Self:
        """Parse `headers` and `data`; MalformedEnvelope if an attribute is missing or invalid."""
        given = {name[len(PREFIXES[0]) :]: value for name, value in headers.items() if name.startswith(PREFIXES)}
        try:
            if given["specversion"] != SPEC_VERSION:
                raise ValueError(f"specversion is {given['specversion']!r}; {SPEC_VERSION!r} is read here")
            source = _text(given, "source")
            return cls(
                id=_id(source, _text(given, "id")),
                type=_text(given, "type"),
                source=source,
                subject=_text(given, "subject", ""),
                time=_time(given.get("time")),
                correlation_id=_text(given, "correlationid", ""),
                causation_id=_text(given, "causationid", ""),
                schema_version=_version(_text(given, "dataschema", ".v1")),
                data=data,
            )
        except KeyError as error:
            raise MalformedEnvelope(f"not a CloudEvent: the attribute {error} is missing") from None
        except ValueError as error:
            raise MalformedEnvelope(f"not an event of Pacewatch: {error}"[:200]) from error

    @classmethod
    def unreadable(cls, message_id: str, data: bytes) -> Self:
        """An envelope without type and time for a message that is not an event, so that it can be listed."""
        try:
            event_id = UUID(message_id)
        except ValueError:
            event_id = UUID(int=0)
        return cls(event_id, "", "", "", datetime.fromtimestamp(0, UTC), "", "", 0, data)


def _text(given: Mapping[str, object], name: str, default: str | None = None) -> str:
    """A String of the specification, which is never empty; KeyError if it is missing and has no default."""
    value = given[name] if default is None else given.get(name, default)
    if isinstance(value, int) and name.endswith("ationid"):  # an extension may be a Boolean or an Integer
        value = str(value).lower()
    if not isinstance(value, str) or not (value or default == ""):
        raise ValueError(f"{name} is not a text, or empty")
    return value


def _id(source: str, text: str) -> UUID:
    """The UUID that the text is, or one that follows from it and its source."""
    try:
        return UUID(text)
    except ValueError:
        return uuid5(_FOREIGN_IDS, f"{source}\n{text}")


def _time(value: object) -> datetime:
    """A Timestamp: as AMQP has it, as milliseconds since 1970, or as RFC 3339; now if the sender does not say."""
    if value is None:
        return datetime.now(UTC)
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise ValueError("time is not a time with its zone")


def _version(schema: str) -> int:
    """The version at the end of a `dataschema`."""
    digits = schema.rpartition(".v")[2]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_VERSION_DIGITS):
        raise ValueError("dataschema does not end in .v and the number of a version")
    return int(digits)
