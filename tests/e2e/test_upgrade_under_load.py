"""Processes of one release on the schema of the next, under load: no event dies, no reading stays without a score."""

import pytest
from load.doors.upgrade import IN_DANGER, main


@pytest.mark.long
async def test_an_upgrade_under_load_loses_nothing_and_kills_no_event(amqp_url: str, database_url: str) -> None:
    """The servers are those of the other tests; `main` finds the same ones."""
    result = await main(seconds=9)
    assert result.dead_letters == 0
    assert result.rows > 100
    assert result.scored == result.rows
    assert (result.alerts, result.mails) == (IN_DANGER, IN_DANGER)
    assert result.refused, "no column was missing"
