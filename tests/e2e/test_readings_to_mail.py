"""Readings of one device go through the whole loop, on both transports: scored, alerted, mailed once."""

import time

import pytest
from support.fleets import dying, healthy, new_device
from support.waiting import until

from e2e.conftest import Deployment

pytestmark = pytest.mark.early


async def test_a_dying_device_causes_one_mail_and_one_alert(deployment: Deployment) -> None:
    device = new_device()
    await deployment.post_readings(device, dying(device, int(time.time())))
    await deployment.wait_for_mail_about(device)
    (mail,) = deployment.mails_about(device)
    alerts = (await deployment.platform.get("alerts", device_id=device)).raise_for_status().json()
    assert [alert["patient_id"] for alert in alerts["items"]] == [device]
    assert alerts["items"][0]["id"] in mail["Message-ID"] or mail["Message-ID"].endswith("@pacewatch>")
    risk = (await deployment.platform.get(f"risk/{device}")).raise_for_status().json()
    assert risk["level"] == "high"


async def test_a_healthy_device_is_scored_and_causes_no_mail(deployment: Deployment) -> None:
    device = new_device()
    await deployment.post_readings(device, healthy(device, int(time.time())))

    async def is_scored() -> bool:
        return (await deployment.platform.get(f"risk/{device}")).is_success

    await until(is_scored)
    assert (await deployment.platform.get(f"risk/{device}")).json()["level"] != "high"
    assert deployment.mails_about(device) == []


async def test_a_repeated_batch_is_all_duplicates_and_causes_no_second_mail(deployment: Deployment) -> None:
    device = new_device()
    last = dying(device, int(time.time()))
    await deployment.post_readings(device, last)
    await deployment.wait_for_mail_about(device)
    report = (await deployment.platform.post("telemetry/ingest", [last])).raise_for_status().json()
    assert (report["accepted"], report["duplicates"]) == (0, 1)
    later = dying(device, int(time.time()) + 1)
    (await deployment.platform.post("telemetry/ingest", [later])).raise_for_status()

    async def are_both_scored() -> bool:
        return (await deployment.platform.get("predictions", device_id=device)).json()["total"] == 2

    await until(are_both_scored)
    assert len(deployment.mails_about(device)) == 1


async def test_the_active_model_was_trained_on_settled_rows_only(deployment: Deployment) -> None:
    model = (await deployment.platform.get("models/active")).raise_for_status().json()
    counts = (await deployment.platform.get("labels/summary")).raise_for_status().json()["counts"]
    assert counts["unresolved"] > 0
    assert model["dataset"]["resolved"] <= counts["positive"] + counts["negative"]


async def test_a_device_with_a_name_is_scored_listed_and_mailed_under_its_name(deployment: Deployment) -> None:
    device = f"00{new_device()}-A"
    await deployment.post_readings(device, dying(device, int(time.time())))
    await deployment.wait_for_mail_about(device)
    (alert,) = (await deployment.platform.get("alerts", device_id=device)).raise_for_status().json()["items"]
    risk = (await deployment.platform.get(f"risk/{device}")).raise_for_status().json()
    assert (alert["device"], risk["device"], risk["level"]) == (device, device, "high")
    assert alert["patient_id"] == risk["patient_id"] >= 2**52
