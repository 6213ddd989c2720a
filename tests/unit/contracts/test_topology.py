"""Whoever listens is spoken to, whoever speaks is heard, and every name says what it is."""

import re
from itertools import chain

from pacewatch.contracts.topology import EVENTS, PUBLISHERS, SUBSCRIPTIONS

PUBLISHED = list(chain.from_iterable(PUBLISHERS.values()))
HEARD = list(chain.from_iterable(chain.from_iterable(handlers.values()) for handlers in SUBSCRIPTIONS.values()))


def test_every_event_has_exactly_one_publisher() -> None:
    assert sorted(kind.type for kind in PUBLISHED) == sorted(kind.type for kind in EVENTS)


def test_every_event_somebody_waits_for_is_published_by_somebody() -> None:
    assert set(HEARD) <= set(PUBLISHED)


def test_every_event_is_taken_by_some_queue() -> None:
    assert set(PUBLISHED) <= set(HEARD)


def test_types_are_unique_and_past_tense_with_a_noun() -> None:
    types = [kind.type for kind in EVENTS]
    assert len(set(types)) == len(types)
    assert all(re.fullmatch(r"[a-z]+\.([a-z]+ed|sent|candidate)", name) for name in types), types


def test_an_events_class_is_called_as_its_type() -> None:
    assert all(kind.__name__ == "".join(part.title() for part in kind.type.split(".")) for kind in EVENTS)


def test_services_and_handlers_are_python_names() -> None:
    services = [*SUBSCRIPTIONS, *PUBLISHERS]
    handlers = list(chain.from_iterable(SUBSCRIPTIONS.values()))
    assert all(re.fullmatch(r"[a-z_]+", name) for name in services)
    assert all(re.fullmatch(r"on_[a-z_]+", name) for name in handlers)


def test_every_event_says_what_it_tells_and_has_a_version() -> None:
    assert all(kind.__doc__ and kind.schema_version >= 1 for kind in EVENTS)
