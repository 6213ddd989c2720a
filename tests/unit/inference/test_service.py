"""What runs side by side within a transaction."""

import asyncio

import pytest

from pacewatch.inference import service


async def test_nobody_goes_on_before_the_statement_is_over_though_the_computing_failed() -> None:
    over = []

    async def statement() -> None:
        await asyncio.sleep(0.01)
        over.append(True)

    async def computing() -> None:
        raise ValueError("no such reading")

    with pytest.raises(ValueError, match="no such reading"):
        await service._both(computing(), statement())
    assert over
