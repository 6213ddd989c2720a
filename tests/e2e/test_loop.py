"""One telemetry batch travels the whole loop, on both transports."""

import email.message
import email.policy
import time

import pytest
from support.fleets import dying, healthy, new_device
from support.waiting import until

from e2e.conftest import Loop
from pacewatch.contracts.profile import SECONDS_PER_DAY

pytestmark = pytest.mark.early


def mails_about(loop: Loop, device: int) -> list[email.message.EmailMessage]:
    parsed = [email.message_from_bytes(mail.content, policy=email.policy.default) for mail in loop.mail.messages]
    return [mail for mail in parsed if f" {device}:" in mail["Subject"]]


async def post_readings(loop: Loop, device: int, last: dict[str, object]) -> None:
    """Ten healthy days as history, then one reading of today, live."""
    now_s = int(time.time())
    past = [healthy(device, now_s - day * SECONDS_PER_DAY) for day in range(10, 0, -1)]
    (await loop.platform.post("telemetry/ingest", past, mode="backfill")).raise_for_status()
    report = (await loop.platform.post("telemetry/ingest", [last])).raise_for_status().json()
    assert (report["received"], report["accepted"]) == (1, 1)


async def test_a_dying_device_ends_in_one_mail_and_an_alert_on_the_list(loop: Loop) -> None:
    device = new_device()
    await post_readings(loop, device, dying(device, int(time.time())))

    async def mailed() -> bool:
        return bool(mails_about(loop, device))

    await until(mailed)
    (mail,) = mails_about(loop, device)
    alerts = (await loop.platform.get("alerts", device=device)).raise_for_status().json()
    assert [alert["patient_id"] for alert in alerts["items"]] == [device]
    assert alerts["items"][0]["id"] in mail["Message-ID"] or mail["Message-ID"].endswith("@pacewatch>")
    risk = (await loop.platform.get(f"risk/{device}")).raise_for_status().json()
    assert risk["level"] == "high"


async def test_a_healthy_device_is_scored_and_mails_nobody(loop: Loop) -> None:
    device = new_device()
    await post_readings(loop, device, healthy(device, int(time.time())))

    async def scored() -> bool:
        return (await loop.platform.get(f"risk/{device}")).is_success

    await until(scored)
    assert (await loop.platform.get(f"risk/{device}")).json()["level"] != "high"
    assert mails_about(loop, device) == []


async def test_the_same_batch_again_is_all_duplicates_and_no_second_mail(loop: Loop) -> None:
    device = new_device()
    last = dying(device, int(time.time()))
    await post_readings(loop, device, last)

    async def mailed() -> bool:
        return bool(mails_about(loop, device))

    await until(mailed)
    report = (await loop.platform.post("telemetry/ingest", [last])).raise_for_status().json()
    assert (report["accepted"], report["duplicates"]) == (0, 1)
    later = dying(device, int(time.time()) + 1)
    (await loop.platform.post("telemetry/ingest", [later])).raise_for_status()

    async def both_scored() -> bool:
        return (await loop.platform.get("predictions", device=device)).json()["total"] == 2

    await until(both_scored)
    assert len(mails_about(loop, device)) == 1


async def test_the_active_model_was_trained_on_settled_rows_only(loop: Loop) -> None:
    model = (await loop.platform.get("models/active")).raise_for_status().json()
    counts = (await loop.platform.get("labels/summary")).raise_for_status().json()["counts"]
    assert counts["unresolved"] > 0
    assert model["dataset"]["resolved"] <= counts["positive"] + counts["negative"]
