"""An envelope survives its headers; any other message is a MalformedEnvelope and no other error."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacewatch.kit.messaging.envelope import Envelope, MalformedEnvelope

texts = st.text(max_size=50)
envelopes = st.builds(
    Envelope,
    id=st.uuids(),
    type=texts,
    source=texts,
    subject=texts,
    time=st.datetimes(timezones=st.just(UTC)),
    correlation_id=texts,
    causation_id=texts,
    schema_version=st.integers(1, 999),
    data=st.binary(max_size=100),
)
junk = st.one_of(texts, st.integers(), st.binary(), st.none(), st.floats(), st.lists(st.integers()), st.datetimes())
names = ["id", "type", "source", "subject", "time", "correlationid", "causationid", "dataschema"]


@given(envelopes)
def test_an_envelope_is_rebuilt_from_its_headers_and_data(envelope: Envelope) -> None:
    assert Envelope.from_headers(dict(envelope.headers), envelope.data) == envelope


@given(envelopes, st.dictionaries(st.sampled_from([f"cloudEvents:{name}" for name in names]), junk))
def test_any_headers_give_an_envelope_or_are_malformed(envelope: Envelope, wrong: dict[str, object]) -> None:
    try:
        Envelope.from_headers({**envelope.headers, **wrong}, b"")
    except MalformedEnvelope as error:
        assert len(str(error)) <= 200


@pytest.mark.parametrize("name", ["id", "type", "source", "time", "dataschema"])
def test_a_missing_attribute_is_named(name: str) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    headers: dict[str, object] = dict(Envelope(uuid4(), "t", "s", "", moment, "", "", 1, b"").headers)
    del headers[f"cloudEvents:{name}"]
    with pytest.raises(MalformedEnvelope, match=name):
        Envelope.from_headers(headers, b"")


def test_a_time_out_of_range_in_utc_is_malformed() -> None:
    moment = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=23)))
    headers: dict[str, object] = dict(Envelope(uuid4(), "t", "s", "", moment, "", "", 1, b"").headers)
    with pytest.raises(MalformedEnvelope):
        Envelope.from_headers(headers, b"")


def test_a_message_that_is_not_an_event_becomes_an_unreadable_envelope() -> None:
    known = uuid4()
    assert Envelope.unreadable(str(known), b"x").id == known
    assert Envelope.unreadable("no uuid", b"x").id == UUID(int=0)
