"""A computation in a thread while PostgreSQL runs a statement."""

import asyncio

import pytest

from pacewatch.inference import service


async def test_the_statement_ends_before_a_failed_computation_is_reported() -> None:
    ended = []

    async def statement() -> None:
        await asyncio.sleep(0.01)
        ended.append(True)

    async def computing() -> None:
        raise ValueError("no such reading")

    with pytest.raises(ValueError, match="no such reading"):
        await service._while_running(statement(), computing())
    assert ended


async def test_a_computation_without_a_statement_gives_its_result() -> None:
    assert await service._while_running(None, asyncio.sleep(0, "computed")) == "computed"
