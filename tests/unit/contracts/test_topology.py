"""Every event has one publisher and at least one queue, and names follow the rules."""

import re
from itertools import chain

from pacewatch.contracts.topology import EVENTS, PUBLISHERS, SUBSCRIPTIONS

PUBLISHED = list(chain.from_iterable(PUBLISHERS.values()))
SUBSCRIBED = list(chain.from_iterable(chain.from_iterable(handlers.values()) for handlers in SUBSCRIPTIONS.values()))


def test_every_event_has_exactly_one_publisher() -> None:
    assert sorted(kind.type for kind in PUBLISHED) == sorted(kind.type for kind in EVENTS)


def test_every_subscribed_event_has_a_publisher() -> None:
    assert set(SUBSCRIBED) <= set(PUBLISHED)


def test_every_published_event_has_a_queue() -> None:
    assert set(PUBLISHED) <= set(SUBSCRIBED)


def test_event_types_are_unique_and_a_noun_with_a_past_participle() -> None:
    types = [kind.type for kind in EVENTS]
    assert len(set(types)) == len(types)
    assert all(re.fullmatch(r"[a-z]+\.([a-z]+ed|sent|candidate)", name) for name in types), types


def test_the_class_of_an_event_has_the_name_of_its_type() -> None:
    assert all(kind.__name__ == "".join(part.title() for part in kind.type.split(".")) for kind in EVENTS)


def test_services_and_handlers_are_python_names() -> None:
    services = [*SUBSCRIPTIONS, *PUBLISHERS]
    handlers = list(chain.from_iterable(SUBSCRIPTIONS.values()))
    assert all(re.fullmatch(r"[a-z_]+", name) for name in services)
    assert all(re.fullmatch(r"on_[a-z_]+", name) for name in handlers)


def test_every_event_has_a_description_and_a_version() -> None:
    assert all(kind.__doc__ and kind.schema_version >= 1 for kind in EVENTS)
