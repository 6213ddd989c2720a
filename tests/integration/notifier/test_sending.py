"""Each delivery is sent: once per recipient, under one Message-ID, with any number of senders and repeated events."""

import asyncio
from functools import partial

import pytest
import sqlalchemy as sa
from servers.mail import MailServer
from support.alerts import alert_cleared, alert_raised
from support.mails import count_by_message_id, wait_for_mails
from support.waiting import until

from pacewatch.kit.db import Database
from pacewatch.notifier.deliveries.claims import claim_due
from pacewatch.notifier.mail.composer import message_id

from .conftest import Start, all_sent, event_types, list_deliveries

pytestmark = pytest.mark.servers


async def test_each_recipient_gets_one_mail_and_an_event_is_published(start: Start, smtp_server: MailServer) -> None:
    async with start() as process:
        alert = alert_raised()
        await process.publish(alert)
        await wait_for_mails(smtp_server, 2)
        assert sorted(mail.recipients for mail in smtp_server.messages) == [["ann@example.org"], ["bob@example.org"]]
        assert set(count_by_message_id(smtp_server)) == {
            message_id(alert.alert_id, recipient) for recipient in ("ann@example.org", "bob@example.org")
        }

        async def both_published() -> bool:
            return (await event_types(process)).count("notification.sent") == 2

        await until(both_published)
        assert await all_sent(process)


async def test_repeated_event_and_two_senders_send_no_second_mail(start: Start, smtp_server: MailServer) -> None:
    async with start() as one, start() as two:
        alerts = [alert_raised(device_id=device) for device in range(30)]
        await asyncio.gather(one.publish(*alerts), two.publish(*alerts))

        async def all_handled() -> bool:
            async with one.database.transaction("notifier") as session:
                return (await session.execute(sa.text("SELECT count(*) FROM notifier.inbox"))).scalar_one() == 60

        await until(all_handled)
        await until(partial(all_sent, one))
        assert len(count_by_message_id(smtp_server)) == 60
        assert set(count_by_message_id(smtp_server).values()) == {1}


async def test_delivery_claimed_by_a_killed_sender_is_sent_when_its_lease_ends(
    start: Start, smtp_server: MailServer, notifier_database: str
) -> None:
    await smtp_server.stop()
    async with start() as process:
        await process.publish(alert_raised())

        async def queued() -> bool:
            return len(await list_deliveries(process)) == 2

        await until(queued)
    # Another sender claims them and dies.
    database = Database(notifier_database)
    async with database.transaction("notifier") as session:
        await session.execute(sa.text("UPDATE notifier.deliveries SET due_at = clock_timestamp()"))
        claims = await claim_due(session, limit=10, each=10, busy=[], lease_s=300)
    claimed = {claim.mail.message_id for claim in claims}
    await smtp_server.start()
    async with start() as process:
        await process.publish(alert_raised())
        await wait_for_mails(smtp_server, 2)
        assert not claimed & set(count_by_message_id(smtp_server))
        async with database.transaction("notifier") as session:
            end_lease = "UPDATE notifier.deliveries SET due_at = clock_timestamp() WHERE message_id = ANY(:claimed)"
            await session.execute(sa.text(end_lease), {"claimed": list(claimed)})
        await wait_for_mails(smtp_server, 4)
    await database.close()
    assert claimed < set(count_by_message_id(smtp_server))


async def test_delivery_postponed_by_a_day_because_the_clock_was_set_back_is_sent_at_once(
    start: Start, smtp_server: MailServer
) -> None:
    await smtp_server.stop()
    async with start() as process:
        await process.publish(alert_raised())

        async def postponed() -> bool:
            rows = await list_deliveries(process)
            return len(rows) == 2 and all(row["last_error"] for row in rows)

        await until(postponed)
        async with process.database.transaction("notifier") as session:
            # As a clock that was a day ahead left it: the back-off of a minute ends tomorrow.
            ahead = "UPDATE notifier.deliveries SET due_at = clock_timestamp() + interval '1 day 1 minute'"
            await session.execute(sa.text(ahead))
        await smtp_server.start()
        await wait_for_mails(smtp_server, 2)
        await until(partial(all_sent, process))
    assert set(count_by_message_id(smtp_server).values()) == {1}


async def test_alert_cleared_before_its_raise_arrives_is_cleared_and_still_mailed(
    start: Start, smtp_server: MailServer
) -> None:
    async with start() as process, process.client() as client:
        alert = alert_raised()
        await process.publish(alert_cleared(alert))

        async def clear_handled() -> bool:
            return "alert.cleared" in await event_types(process)

        await until(clear_handled)
        assert (await client.get("/alerts")).json()["total"] == 0
        assert (await client.get(f"/alerts/{alert.alert_id}")).status_code == 404
        await process.publish(alert)
        await wait_for_mails(smtp_server, 2)
        assert (await client.get(f"/alerts/{alert.alert_id}")).json()["status"] == "cleared"
