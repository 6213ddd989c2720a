"""An envelope survives its headers; any other message is a MalformedEnvelope and no other error."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from cloudevents.core.bindings import amqp
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from pacewatch.kit.messaging.envelope import CONTENT_TYPE, PREFIXES, Envelope, MalformedEnvelope, data_schema

texts = st.text(max_size=50)
names_of_events = st.text(min_size=1, max_size=50)
envelopes = st.builds(
    Envelope,
    id=st.uuids(),
    type=names_of_events,
    source=names_of_events,
    subject=texts,
    time=st.datetimes(timezones=st.just(UTC)),
    correlation_id=texts,
    causation_id=texts,
    schema_version=st.integers(1, 999),
    data=st.binary(max_size=100),
)
junk = st.one_of(texts, st.integers(), st.binary(), st.none(), st.floats(), st.lists(st.integers()), st.datetimes())
names = ["specversion", "id", "type", "source", "subject", "time", "correlationid", "causationid", "dataschema"]


@given(envelopes)
def test_an_envelope_is_rebuilt_from_its_headers_and_data(envelope: Envelope) -> None:
    assert Envelope.from_headers(dict(envelope.headers), envelope.data) == envelope


@given(envelopes, st.dictionaries(st.sampled_from([prefix + name for prefix in PREFIXES for name in names]), junk))
def test_any_headers_give_an_envelope_or_are_malformed(envelope: Envelope, wrong: dict[str, object]) -> None:
    try:
        Envelope.from_headers({**envelope.headers, **wrong}, b"")
    except MalformedEnvelope as error:
        assert len(str(error)) <= 200


def headers_of(**changed: object) -> dict[str, object]:
    """Headers of an event; an attribute that is None is left out."""
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    given = Envelope(uuid4(), "t", "s", "17", moment, "c", "", 1, b"").headers
    given |= {f"cloudEvents:{name}": value for name, value in changed.items()}
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize("name", ["specversion", "id", "type", "source"])
def test_a_missing_attribute_is_named(name: str) -> None:
    with pytest.raises(MalformedEnvelope, match=name):
        Envelope.from_headers(headers_of(**{name: None}), b"")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("specversion", 1),
        ("id", 5),
        ("id", ""),
        ("type", ""),
        ("source", b"s"),
        ("subject", 17),
        ("time", "2026-01-02T00:00:00"),
        ("time", True),
        ("time", 1.5),
        ("time", 10**18),
        ("dataschema", "https://example.org/schema"),
        ("dataschema", "urn:x.v99999"),
    ],
)
def test_an_attribute_of_another_type_is_malformed_and_named(name: str, value: object) -> None:
    with pytest.raises(MalformedEnvelope, match=name):
        Envelope.from_headers(headers_of(**{name: value}), b"")


def test_headers_without_the_prefix_are_no_attributes() -> None:
    with pytest.raises(MalformedEnvelope, match="specversion"):
        Envelope.from_headers({name.removeprefix(PREFIXES[0]): value for name, value in headers_of().items()}, b"")


def test_an_attribute_without_a_value_is_left_out() -> None:
    assert "cloudEvents:causationid" not in headers_of()
    assert Envelope.from_headers(headers_of(), b"").causation_id == ""


def test_what_is_optional_has_a_default() -> None:
    event = Envelope.from_headers(headers_of(time=None, dataschema=None, subject=None, correlationid=None), b"")
    assert (event.subject, event.correlation_id, event.schema_version) == ("", "", 1)
    assert datetime.now(UTC) - event.time < timedelta(minutes=1)


def test_the_schema_is_an_absolute_uri_and_the_one_of_earlier_releases_is_read() -> None:
    event = Envelope.from_headers(headers_of(dataschema="t.v3"), b"")
    assert event.schema_version == 3
    assert event.headers["cloudEvents:dataschema"] == data_schema("t", 3) == "urn:pacewatch:t.v3"


@pytest.mark.parametrize("event_id", ["no uuid", "4711", "a" * 10_000, "\u00e4"])
def test_a_message_of_the_official_sdk_is_read(event_id: str) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    attributes = {"id": event_id, "type": "outcome.recorded", "source": "https://registry.example/a", "time": moment}
    attributes |= {"subject": "17", "datacontenttype": "application/json", "causationid": 42, "correlationid": True}
    sent = amqp.to_binary_event(CloudEvent(attributes, {"device_id": 17}))
    assert isinstance(sent.application_properties["cloudEvents_time"], int)
    event = Envelope.from_headers(sent.application_properties, sent.application_data)
    assert (event.type, event.subject, event.time) == ("outcome.recorded", "17", moment)
    assert (event.causation_id, event.correlation_id) == ("42", "true")
    again = Envelope.from_headers(sent.application_properties, b"")
    elsewhere = Envelope.from_headers(sent.application_properties | {"cloudEvents_source": "/b"}, b"")
    assert event.id == again.id != elsewhere.id


def test_the_official_sdk_reads_our_message() -> None:
    event = Envelope.from_headers(headers_of(), b'{"n": 1}')
    message = amqp.AMQPMessage({"content-type": CONTENT_TYPE}, dict(event.headers), event.data)
    read = amqp.from_binary_event(message)
    assert (read.get_id(), read.get_type(), read.get_time()) == (str(event.id), "t", event.time)
    assert (read.get_dataschema(), read.get_data()) == ("urn:pacewatch:t.v1", {"n": 1})


def test_a_time_out_of_range_in_utc_is_malformed() -> None:
    moment = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=23)))
    with pytest.raises(MalformedEnvelope):
        Envelope.from_headers(headers_of(time=moment.isoformat()), b"")


def test_a_message_that_is_not_an_event_becomes_an_unreadable_envelope() -> None:
    known = uuid4()
    assert Envelope.unreadable(str(known), b"x").id == known
    assert Envelope.unreadable("no uuid", b"x").id == UUID(int=0)
