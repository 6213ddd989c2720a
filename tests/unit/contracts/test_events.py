"""An event survives JSON unchanged, and any other JSON is refused."""

import json
from datetime import UTC
from enum import Enum
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pacewatch.contracts import models, outcomes, telemetry
from pacewatch.contracts.base import Contract, Event
from pacewatch.contracts.topology import EVENTS

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20)
floats = st.floats(allow_nan=False, allow_infinity=False)
plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | floats | texts
SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "version": st.just("20260102T030405Z"),
    "previous": st.none() | st.just("20260101T030405Z"),
    "sha256": st.text("0123456789abcdef", min_size=64, max_size=64),
    "metrics": st.dictionaries(texts, plain, max_size=3),
    "dataset": st.dictionaries(texts, plain, max_size=3),
    "as_text": st.none() | texts,
    "parameters": st.dictionaries(texts, plain, max_size=3),
}


def values(kind: type[Contract]) -> st.SearchStrategy[Contract]:
    """Instances of `kind`, generated from the annotations of its fields."""
    if kind is telemetry.ReadingColumns:
        return st.integers(0, 4).flatmap(readings)
    fields = {
        name: SPECIAL[name] if name in SPECIAL else by_annotation(field.annotation, field.metadata)
        for name, field in kind.model_fields.items()
    }
    return st.builds(kind, **fields)


def readings(rows: int) -> st.SearchStrategy[Contract]:
    def column(element: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
        return st.lists(element, min_size=rows, max_size=rows)

    ids = column(st.integers(0, 2**53 - 1))
    signals = st.dictionaries(texts, column(floats), max_size=3)
    return st.builds(telemetry.ReadingColumns, device_ids=ids, timestamps_s=ids, signals=signals)


def by_annotation(annotation: Any, metadata: Any = ()) -> st.SearchStrategy[Any]:
    if isinstance(annotation, type) and issubclass(annotation, Contract):
        return values(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    if annotation is float:
        return st.floats(0, 1)
    if annotation is int:
        return st.integers(1, 100)
    if annotation is str:
        return texts
    origin: Any = get_origin(annotation)
    arguments: tuple[Any, ...] = get_args(annotation)
    if origin is list:
        return st.lists(by_annotation(*_plain(arguments[0])), max_size=3)
    if origin is dict:
        return st.dictionaries(by_annotation(*_plain(arguments[0])), by_annotation(*_plain(arguments[1])), max_size=3)
    if type(None) in arguments:
        return st.none() | by_annotation(*_plain(next(one for one in arguments if one is not type(None))))
    if annotation.__name__ == "datetime":
        return st.datetimes(timezones=st.just(UTC))
    return st.from_type(annotation)


def _plain(annotation: Any) -> tuple[Any, Any]:
    return getattr(annotation, "__origin__", annotation) if hasattr(annotation, "__metadata__") else annotation, ()


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_event_survives_json_unchanged(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(values(kind))
    assert kind.model_validate_json(event.model_dump_json()) == event
    assert isinstance(event, Event)
    assert isinstance(event.subject(), str)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.type)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_an_event_with_an_extra_missing_or_mistyped_field_is_refused(kind: type[Event], data: st.DataObject) -> None:
    content = json.loads(data.draw(values(kind)).model_dump_json())
    free_form = {"parameters", "metrics", "dataset"}
    refused = [{**content, "more": 1}]
    refused += [{**content, name: {"x": []}} for name in content if name not in free_form]
    # A field added later has a default: an older event that is still in an outbox must be readable.
    required = [name for name in content if kind.model_fields[name].is_required()]
    refused += [{key: value for key, value in content.items() if key != name} for name in required]
    for invalid in refused:
        with pytest.raises(ValidationError):
            kind.model_validate_json(json.dumps(invalid))


def test_an_event_cannot_be_changed() -> None:
    event = models.ModelDeleted(version="20260102T030405Z", actor="ada")
    with pytest.raises(ValidationError):
        event.actor = "eve"  # type: ignore[misc]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 2_001])
def test_text_that_a_server_cannot_store_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        models.ModelDeleted(version="20260102T030405Z", actor=text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", '"1"', "true", "null"])
def test_a_signal_that_is_not_a_number_is_refused(number: str) -> None:
    columns = '{"device_ids": [1], "timestamps_s": [1], "signals": {"battery_voltage_v": [%s]}}'
    telemetry.ReadingColumns.model_validate_json(columns % "2.8")
    with pytest.raises(ValidationError):
        telemetry.ReadingColumns.model_validate_json(columns % number)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValidationError, match="same number of rows"):
        telemetry.ReadingColumns(device_ids=[1], timestamps_s=[1, 2], signals={})


def test_an_outcome_event_from_before_corrections_is_read() -> None:
    """It may have waited in an outbox or a queue during an update of the platform."""
    old = {"outcome_id": "00000000-0000-4000-8000-000000000000", "device_id": 1, "kind": "failure", "mode": ""}
    times = {"occurred_at": "2026-01-02T03:04:05Z", "learnt_at": "2026-01-02T03:04:05Z"}
    event = outcomes.OutcomeRecorded.model_validate_json(json.dumps(old | times))
    assert (event.corrects, event.withdrawn) == (None, False)
