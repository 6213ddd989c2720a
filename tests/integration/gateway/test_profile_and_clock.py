"""What the dashboard asks first: the deployment's profile and its clock."""

import time
from datetime import datetime

import pytest
from support.platform.in_process import InProcess

pytestmark = pytest.mark.servers


async def test_profile_and_clock_describe_the_deployment(gateway: InProcess) -> None:
    async with gateway.client() as client:
        profile = (await client.get("/profile")).json()
        assert (profile["device_noun"], profile["device_field"]) == ("patient", "patient_id")
        assert profile["signals"][0].keys() == {"name", "label", "unit", "decimals", "normal", "plausible"}
        assert profile["attributes"][0] == {"name": "implanted_at", "label": "implanted", "kind": "date"}
        assert profile["label"]["horizon_days"] == 7
        clock = (await client.get("/clock")).json()
        assert clock.keys() == {"fleet_time", "speed", "wall_time"}
        assert abs(datetime.fromisoformat(clock["fleet_time"]).timestamp() - time.time()) < 5
