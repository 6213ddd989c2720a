"""A key that is bound to devices sends for these alone; rows of others are rejected one by one, and audited."""

from datetime import timedelta
from uuid import uuid4

from support.ingest import NOW_S, Ingest, outcome, reading

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.profiles.pacemaker import PACEMAKER

WRITE = (Scope.TELEMETRY_WRITE, Scope.OUTCOMES_WRITE)


def bearer(ingest: Ingest, *ranges: tuple[int, int], key_id: str = "") -> dict[str, str]:
    lifetime, jti = timedelta(minutes=9), key_id or str(uuid4())
    token = ingest.signer.sign("", role="api-key", scopes=WRITE, lifetime=lifetime, jti=jti, devices=ranges)
    return {"Authorization": f"Bearer {token}"}


async def test_readings_of_other_devices_are_rejected_by_themselves_and_audited(ingest: Ingest) -> None:
    key = bearer(ingest, (1, 3), (7, 7), key_id="abc")
    rows = [reading(device) for device in (1, 3, 4, 7, 8)]
    report = (await ingest.post(rows, **key)).json()
    assert (report["accepted"], report["rejected"]) == (3, 2)
    errors = [(error["row"], error["field"], error["code"]) for error in report["errors"]]
    assert errors == [(row, PACEMAKER.device_field, "device_not_allowed") for row in (2, 4)]
    assert [row.device_id for row in await ingest.sql("SELECT device_id FROM ingest.readings ORDER BY 1")] == [1, 3, 7]
    (batch,) = (await ingest.get("telemetry/batches"))["items"]
    assert (batch["actor"], batch["codes"]) == ("key:abc", {"device_not_allowed": 2})


async def test_a_batch_of_other_devices_alone_is_refused_and_audited(ingest: Ingest) -> None:
    answer = await ingest.post([reading(4)], **bearer(ingest, (1, 3)))
    assert answer.status_code == 422
    (batch,) = (await ingest.get("telemetry/batches"))["items"]
    assert batch["rejected"] == 1


async def test_outcomes_of_other_devices_are_rejected_by_themselves(ingest: Ingest) -> None:
    outcomes = [outcome("explant", NOW_S - 60, device) for device in (1, 4)]
    report = (await ingest.post(outcomes, "outcomes", **bearer(ingest, (1, 3)))).json()
    assert (report["recorded"], report["rejected"]) == (1, 1)
    assert [error["code"] for error in report["errors"]] == ["device_not_allowed"]


async def test_a_bound_key_neither_uploads_nor_corrects_nor_reads(ingest: Ingest) -> None:
    key = bearer(ingest, (1, 3))
    for path in ("telemetry/uploads?format=csv", f"outcomes/{uuid4()}/corrections", "labels/mature"):
        assert (await ingest.post(b"{}", path, **key)).status_code == 403
    assert (await ingest.client.get("/api/v1/telemetry/recent", headers=key)).status_code == 403


async def test_an_idempotency_key_belongs_to_the_key_that_sent_it(ingest: Ingest) -> None:
    one, other = (bearer(ingest, (1, 3), key_id=key_id) | {"Idempotency-Key": "k"} for key_id in ("one", "other"))
    assert (await ingest.post([reading(1)], **one)).status_code == 200
    assert (await ingest.post([reading(2)], **other)).status_code == 200
    assert (await ingest.post([reading(1)], **one)).headers["Idempotency-Replayed"] == "true"
