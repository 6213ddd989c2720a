"""Never zero mails, at most one Message-ID: whatever the bus, the mail server and other senders do."""

import asyncio
from functools import partial

import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session
from servers.mail import MailServer
from support.alerts import cleared, raised
from support.inside import Inside
from support.mails import arrived, by_message_id, parsed
from support.waiting import until

from pacewatch.kit.db import Database
from pacewatch.notifier.deliveries import repository as deliveries

from .conftest import Start

pytestmark = pytest.mark.servers


async def rows(process: Inside, **wanted: str) -> list[dict[str, object]]:
    async with process.client() as client:
        answer = await client.get("/deliveries", params={"size": 200, **wanted})
        return list(answer.json()["items"])


async def all_sent(process: Inside) -> bool:
    found = await rows(process)
    return bool(found) and {(row["status"], row["last_error"]) for row in found} == {("sent", None)}


async def live_types(process: Inside) -> list[str]:
    async with process.client() as client:
        return [event["type"] for event in (await client.get("/live/recent")).json()["items"]]


async def test_each_recipient_gets_one_mail_and_the_platform_is_told(start: Start, smtp_server: MailServer) -> None:
    async with start() as process:
        alert = raised()
        await process.tell(alert)
        await arrived(smtp_server, 2)
        assert sorted(mail.recipients for mail in smtp_server.messages) == [["ann@example.org"], ["bob@example.org"]]
        assert set(by_message_id(smtp_server)) == {
            deliveries.message_id(alert.alert_id, who) for who in ("ann@example.org", "bob@example.org")
        }

        async def told() -> bool:
            return (await live_types(process)).count("notification.sent") == 2

        await until(told)
        assert await all_sent(process)


async def test_an_event_told_twice_and_two_senders_make_no_second_mail(start: Start, smtp_server: MailServer) -> None:
    async with start() as one, start() as two:
        alerts = [raised(device_id=device) for device in range(30)]
        await asyncio.gather(one.tell(*alerts), two.tell(*alerts))

        async def all_told() -> bool:
            async with one.database.transaction("notifier") as session:
                return (await session.execute(sa.text("SELECT count(*) FROM notifier.inbox"))).scalar_one() == 60

        await until(all_told)
        await until(partial(all_sent, one))
        assert len(by_message_id(smtp_server)) == 60
        assert set(by_message_id(smtp_server).values()) == {1}


async def test_while_the_server_is_down_mails_wait_and_then_all_go_out_once(
    start: Start, smtp_server: MailServer
) -> None:
    await smtp_server.stop()
    async with start() as process:
        await process.tell(*(raised(device_id=device) for device in range(10)))

        async def tried_twice() -> bool:
            found = await rows(process)
            return len(found) == 20 and all(int(str(row["attempts"])) >= 2 for row in found)

        await until(tried_twice)
        assert {row["status"] for row in await rows(process)} == {"queued"}
        await smtp_server.start()
        await arrived(smtp_server, 20)
        assert set(by_message_id(smtp_server).values()) == {1}


async def test_a_4xx_is_tried_again(start: Start, smtp_server: MailServer) -> None:
    smtp_server.refuse("451 4.3.0 later")
    async with start() as process:
        await process.tell(raised())

        async def refused() -> bool:
            return smtp_server.offered >= 2

        await until(refused)
        smtp_server.accept()
        await arrived(smtp_server, 2)
        await until(partial(all_sent, process))


async def test_a_5xx_is_final_and_a_person_can_dispatch_it_again(start: Start, smtp_server: MailServer) -> None:
    smtp_server.refuse("550 5.7.1 no, not ever")
    async with start() as process:
        await process.tell(raised())

        async def failed() -> bool:
            return (await live_types(process)).count("notification.failed") == 2

        await until(failed)
        offered = smtp_server.offered
        await asyncio.sleep(2)
        assert smtp_server.offered == offered
        assert "550" in str((await rows(process, status="failed"))[0]["last_error"])
        smtp_server.accept()
        async with process.client() as client:
            assert (await client.post("/alerts/dispatch")).json() == {"requeued": 2, "created": 0}
        await arrived(smtp_server, 2)


async def test_one_refused_recipient_keeps_no_other_from_the_mail(start: Start, smtp_server: MailServer) -> None:
    smtp_server.refuse("550 5.1.1 unknown", recipient="ann@example.org")
    async with start() as process:
        await process.tell(raised())
        await arrived(smtp_server, 1)

        async def settled() -> bool:
            return {row["recipient"]: row["status"] for row in await rows(process)} == {
                "ann@example.org": "failed",
                "bob@example.org": "sent",
            }

        await until(settled)


class Tarpit(MailServer):
    """Never answers when a mail is for ann, as if hers were another server."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "ann@example.org" in envelope.rcpt_tos:
            await asyncio.sleep(60)
        return await super().handle_DATA(server, session, envelope)


async def test_a_server_that_never_answers_holds_up_nobody_else(start: Start) -> None:
    tarpit = Tarpit()
    await tarpit.start()
    try:
        async with start(PACEWATCH_SMTP_PORT=str(tarpit.port), PACEWATCH_SMTP_TIMEOUT_S="60") as process:
            await process.tell(*(raised(device_id=device) for device in range(40)))
            await arrived(tarpit, 40)
            assert {mail.recipients[0] for mail in tarpit.messages} == {"bob@example.org"}
    finally:
        await tarpit.stop()


async def test_a_mail_that_takes_too_long_is_tried_again(start: Start, smtp_server: MailServer) -> None:
    smtp_server.hang()
    async with start(PACEWATCH_SMTP_TIMEOUT_S="0.3") as process:
        await process.tell(raised())

        async def timed_out() -> bool:
            found = await rows(process)
            return bool(found) and all("Timeout" in str(row["last_error"]) for row in found)

        await until(timed_out)
        smtp_server.accept()
        await until(partial(all_sent, process))


async def test_what_a_killed_sender_had_claimed_is_sent_when_its_lease_ends(
    start: Start, smtp_server: MailServer, notifier_database: str
) -> None:
    await smtp_server.stop()
    async with start() as process:
        await process.tell(raised())

        async def queued() -> bool:
            return len(await rows(process)) == 2

        await until(queued)
    # Somebody claims them and is never heard of again.
    database = Database(notifier_database)
    async with database.transaction("notifier") as session:
        await session.execute(sa.text("UPDATE notifier.deliveries SET due_at = clock_timestamp()"))
        claims = await deliveries.claim(session, limit=10, each=10, busy=[], lease_s=3_600)
    claimed = {claim.message_id for claim in claims}
    await smtp_server.start()
    async with start() as process:
        await process.tell(raised())
        await arrived(smtp_server, 2)
        assert not claimed & set(by_message_id(smtp_server))
        async with database.transaction("notifier") as session:
            lease_over = "UPDATE notifier.deliveries SET due_at = clock_timestamp() WHERE message_id = ANY(:claimed)"
            await session.execute(sa.text(lease_over), {"claimed": list(claimed)})
        await arrived(smtp_server, 4)
    await database.close()
    assert claimed < set(by_message_id(smtp_server))


async def test_a_connection_lost_after_the_server_took_it_repeats_the_same_mail(
    start: Start, smtp_server: MailServer
) -> None:
    smtp_server.drop_after_accepting()
    async with start(PACEWATCH_ALERT_RECIPIENTS="ann@example.org") as process:
        await process.tell(raised())
        await arrived(smtp_server, 2)
        smtp_server.accept()
        assert len(by_message_id(smtp_server)) == 1
        assert len({parsed(mail)["Date"] for mail in smtp_server.messages}) == 1
        await until(partial(all_sent, process))


async def test_a_clear_that_comes_before_its_raise_still_clears_and_the_mail_still_goes(
    start: Start, smtp_server: MailServer
) -> None:
    async with start() as process, process.client() as client:
        alert = raised()
        await process.tell(cleared(alert))

        async def taken() -> bool:
            return "alert.cleared" in await live_types(process)

        await until(taken)
        assert (await client.get("/alerts")).json()["total"] == 0
        assert (await client.get(f"/alerts/{alert.alert_id}")).status_code == 404
        await process.tell(alert)
        await arrived(smtp_server, 2)
        assert (await client.get(f"/alerts/{alert.alert_id}")).json()["status"] == "cleared"
