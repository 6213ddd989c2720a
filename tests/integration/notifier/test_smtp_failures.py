"""Mail servers that are down, slow or refuse: a delivery is tried again until it is sent or refused for good."""

import asyncio
from functools import partial

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from servers.mail import MailServer
from support.alerts import alert_raised
from support.mails import count_by_message_id, parse_mail, wait_for_mails
from support.waiting import until

from .conftest import Start, all_sent, event_types, list_deliveries

pytestmark = pytest.mark.servers


async def test_mails_wait_while_the_server_is_down_and_then_go_out_once(start: Start, smtp_server: MailServer) -> None:
    await smtp_server.stop()
    async with start() as process:
        await process.publish(*(alert_raised(device_id=device) for device in range(10)))

        async def tried_twice() -> bool:
            deliveries = await list_deliveries(process)
            return len(deliveries) == 20 and all(int(str(row["attempts"])) >= 2 for row in deliveries)

        await until(tried_twice)
        assert {row["status"] for row in await list_deliveries(process)} == {"queued"}
        await smtp_server.start()
        await wait_for_mails(smtp_server, 20)
        assert set(count_by_message_id(smtp_server).values()) == {1}


async def test_4xx_reply_is_tried_again(start: Start, smtp_server: MailServer) -> None:
    smtp_server.refuse("451 4.3.0 later")
    async with start() as process:
        await process.publish(alert_raised())

        async def refused() -> bool:
            return smtp_server.offered >= 2

        await until(refused)
        smtp_server.accept()
        await wait_for_mails(smtp_server, 2)
        await until(partial(all_sent, process))


async def test_5xx_reply_is_final_until_a_person_dispatches_again(start: Start, smtp_server: MailServer) -> None:
    smtp_server.refuse("550 5.7.1 no, not ever")
    async with start() as process:
        await process.publish(alert_raised())

        async def failed() -> bool:
            return (await event_types(process)).count("notification.failed") == 2

        await until(failed)
        offered = smtp_server.offered
        await asyncio.sleep(2)
        assert smtp_server.offered == offered
        assert "550" in str((await list_deliveries(process, status="failed"))[0]["last_error"])
        smtp_server.accept()
        async with process.client() as client:
            assert (await client.post("/alerts/dispatch")).json() == {"requeued": 2, "created": 0}
        await wait_for_mails(smtp_server, 2)


async def test_refused_recipient_does_not_stop_the_others_mail(start: Start, smtp_server: MailServer) -> None:
    smtp_server.refuse("550 5.1.1 unknown", recipient="ann@example.org")
    async with start() as process:
        await process.publish(alert_raised())
        await wait_for_mails(smtp_server, 1)

        async def both_recorded() -> bool:
            return {row["recipient"]: row["status"] for row in await list_deliveries(process)} == {
                "ann@example.org": "failed",
                "bob@example.org": "sent",
            }

        await until(both_recorded)


class Tarpit(MailServer):
    """A server that never replies to a mail for ann, like a broken server of hers."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "ann@example.org" in envelope.rcpt_tos:
            await asyncio.sleep(60)
        return await super().handle_DATA(server, session, envelope)


async def test_server_that_never_replies_does_not_delay_other_recipients(start: Start) -> None:
    tarpit = Tarpit()
    await tarpit.start()
    try:
        async with start(PACEWATCH_SMTP_PORT=str(tarpit.port), PACEWATCH_SMTP_TIMEOUT_S="60") as process:
            await process.publish(*(alert_raised(device_id=device) for device in range(40)))
            await wait_for_mails(tarpit, 40)
            assert {mail.recipients[0] for mail in tarpit.messages} == {"bob@example.org"}
    finally:
        await tarpit.stop()


async def test_mail_that_times_out_is_tried_again(start: Start, smtp_server: MailServer) -> None:
    smtp_server.hang()
    async with start(PACEWATCH_SMTP_TIMEOUT_S="0.3") as process:
        await process.publish(alert_raised())

        async def timed_out() -> bool:
            deliveries = await list_deliveries(process)
            return bool(deliveries) and all("Timeout" in str(row["last_error"]) for row in deliveries)

        await until(timed_out)
        smtp_server.accept()
        await until(partial(all_sent, process))


async def test_connection_lost_after_acceptance_repeats_the_same_mail(start: Start, smtp_server: MailServer) -> None:
    smtp_server.drop_after_accepting()
    async with start(PACEWATCH_ALERT_RECIPIENTS="ann@example.org") as process:
        await process.publish(alert_raised())
        await wait_for_mails(smtp_server, 2)
        smtp_server.accept()
        assert len(count_by_message_id(smtp_server)) == 1
        assert len({parse_mail(mail)["Date"] for mail in smtp_server.messages}) == 1
        await until(partial(all_sent, process))


async def test_a_server_that_never_answers_quit_gets_each_mail_once(start: Start, smtp_server: MailServer) -> None:
    smtp_server.never_part()
    async with start(PACEWATCH_SMTP_TIMEOUT_S="10") as process:
        await process.publish(alert_raised())
        await until(partial(all_sent, process))
        assert {row["attempts"] for row in await list_deliveries(process)} == {1}
        assert set(count_by_message_id(smtp_server).values()) == {1}


async def test_a_refusal_of_our_set_up_is_no_verdict_and_all_is_sent_when_it_is_mended(
    start: Start, smtp_server: MailServer
) -> None:
    smtp_server.refuse_senders("530 5.7.0 Must issue a STARTTLS command first")
    async with start(PACEWATCH_ALERT_RECIPIENTS="ann@example.org") as process:
        await process.publish(*(alert_raised(device_id=device) for device in range(30)))

        async def tried() -> bool:
            return smtp_server.offered >= 5

        await until(tried)
        # After the first attempts, which were under way already, one mail at a time tries: 30 mails would be 60 by now.
        assert smtp_server.offered < 15
        assert {row["status"] for row in await list_deliveries(process)} == {"queued"}
        smtp_server.accept()
        await wait_for_mails(smtp_server, 30)
        await until(partial(all_sent, process))
        assert set(count_by_message_id(smtp_server).values()) == {1}
