"""Handlers get their dependencies by parameter name, or the process does not start."""

from typing import Any

import pytest

from pacewatch.contracts.models import ModelDeleted
from pacewatch.kit.db import Session
from pacewatch.kit.module import bind


async def on_model_deleted(event: ModelDeleted, session: Session, store: list[Any]) -> None:
    store.append((event, session))


async def test_a_handler_gets_the_dependencies_it_names() -> None:
    store: list[Any] = []
    (handler,) = bind("gateway", {on_model_deleted: (ModelDeleted,)}, store=store, unused=1)
    event: Any = object()
    await handler.handle(event, None)  # type: ignore[arg-type]
    assert store == [(event, None)]
    assert handler.queue.name == "gateway.on_model_deleted"
    assert handler.queue.dead == "gateway.on_model_deleted.dead"
    assert handler.queue.types == ("model.deleted",)


def test_a_missing_dependency_is_an_error_at_start() -> None:
    with pytest.raises(TypeError, match=r"gateway\.on_model_deleted needs store"):
        bind("gateway", {on_model_deleted: (ModelDeleted,)})
