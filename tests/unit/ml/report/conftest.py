"""A recorded fleet as a folder."""

import polars as pl
import pytest
from unit.ml.fleet import made_up_fleet


@pytest.fixture
def data(tmp_path):
    fleet = made_up_fleet(devices=40)
    columns = {"patient_id": fleet.readings.device_ids, "timestamp": fleet.readings.timestamps_s}
    outcomes = pl.DataFrame(
        {"patient_id": fleet.failures.device_ids, "occurred_at": fleet.failures.occurred_at_s, "kind": "failure"}
    )
    tables = {"readings": pl.DataFrame(columns | fleet.readings.signals), "outcomes": outcomes}
    for name, table in tables.items():
        table.write_parquet(tmp_path / f"{name}.parquet")
    return tmp_path
