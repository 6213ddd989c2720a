"""Every kind of file that people sent and that was misread: both readers take it, or say in words how to mend it.

The files are in `tests/files/tables`, whose README says what each shows.
"""

from pathlib import Path

import pytest
from support.tables.readers import LATEST_S

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.uploads.check_file import check_file
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.tables.table import PLAIN, Dialect
from pacewatch.ml.report import fleet_folder

FILES = Path(__file__).parents[2] / "files" / "tables"
T = 1_577_880_000
DAYS = [T, T + 86_400, T + 2 * 86_400]


def report(case: str, dialect: Dialect = PLAIN) -> fleet_folder.Fleet:
    return fleet_folder.read(FILES / case, PACEMAKER, dialect)


def upload(case: str, dialect: Dialect = PLAIN):
    (path,) = (FILES / case).glob("readings.*")
    return check_file(path, PACEMAKER, LATEST_S, dialect)


def devices(fleet: fleet_folder.Fleet) -> set[str]:
    return {str(fleet.names.get(one, one)) for one in fleet.readings.device_ids.tolist()}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("leading_zeros", {"0012", "A7"}),
        ("zeros_differ", {"007", "7", "17"}),
        ("dotted_ids", {"1.1", "1.2", "1.10"}),
        ("whole_doubles", {"17"}),
        ("iso_times", {"17"}),
        ("zoned_times", {"17"}),
        ("timestamps", {"17"}),
        ("index_column", {"17"}),
        ("blank_lines", {"17"}),
        ("says_separator", {"17"}),
        ("bom", {"17"}),
    ],
)
def test_both_readers_take_every_row(case: str, expected: set[str]) -> None:
    fleet, found = report(case), upload(case)
    assert devices(fleet) == expected
    assert sorted(set(fleet.readings.timestamps_s.tolist())) == DAYS
    assert (fleet.left_out, fleet.unmatched) == ({"duplicates": 0, "implausible": 0}, {})
    assert len(fleet.failures.device_ids) == 1
    assert (found.accepted, found.rejected, found.error) == (3 * len(expected), 0, "")


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("day_or_month", "timestamp: 3 rows: may be day first or month first"),
        ("milliseconds", "timestamp: 3 rows: looks like milliseconds: divide by 1,000"),
        ("digits_of_dates", "timestamp: 3 rows: looks like YYYYMMDD"),
        ("all_wrong", "lead_impedance_ohms: 1,200 rows: must be between"),
    ],
)
def test_a_file_without_a_usable_row_is_refused_with_column_line_value_and_what_to_do(case: str, words: str) -> None:
    with pytest.raises(PacewatchError) as refused:
        report(case)
    assert words in str(refused.value)
    assert "(first in line 2" in str(refused.value)
    found = upload(case)
    assert (found.accepted, found.rejected) == (0, found.rows_done)
    assert [one.words() for one in found.findings] == [str(refused.value).partition("can be used. ")[2]]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (
            "rounded_ids",
            "patient_id: 3 rows: looks like an id that a spreadsheet has rounded: format the column as text",
        ),
        (
            "fractions",
            'timestamp: 1 row: must be whole Unix seconds, and has a fraction (first in line 5 "1578657600.5")',
        ),
    ],
)
def test_a_bad_row_is_left_out_counted_and_named_by_both(case: str, words: str) -> None:
    fleet, found = report(case), upload(case)
    assert any(words in line for line in fleet.findings)
    assert any(words in one.words() for one in found.findings)
    assert fleet.left_out["unreadable"] == found.rejected > 0
    assert len(fleet.readings) == found.accepted == 3


def test_gaps_are_left_out_and_counted_by_column() -> None:
    fleet, found = report("gaps"), upload("gaps")
    counts = {one.column: one.count for one in found.findings}
    assert counts == {"timestamp": 1, "lead_impedance_ohms": 2, "capture_threshold_v": 1, "r_wave_sensing_mv": 1}
    assert {one.code for one in found.findings} == {"missing"}
    assert fleet.left_out == {"duplicates": 0, "implausible": 0, "with gaps": 5}
    assert len(fleet.readings) == found.accepted == 3


def test_the_first_decimal_in_a_late_row_is_read_as_every_other() -> None:
    assert report("late_decimal").readings.signals["battery_voltage_v"].tolist() == [3.0, 3.0, 3.0, 2.5]
    assert upload("late_decimal").accepted == 4


def test_what_producers_add_is_ignored_and_said() -> None:
    assert any("readings.csv: 2 blank rows ignored" in line for line in report("blank_lines").findings)
    assert any("columns ignored: one without a name" in line for line in report("index_column").findings)
    assert any("columns ignored: __index_level_0__" in line for line in report("timestamps").findings)
    assert (upload("blank_lines").blank_rows, upload("blank_lines").rows_done) == (2, 3)
    assert list(upload("index_column").ignored_columns) == [""]
    assert list(upload("timestamps").ignored_columns) == ["__index_level_0__"]


def test_a_european_file_is_refused_with_the_options_that_read_it() -> None:
    with pytest.raises(PacewatchError, match="semicolons and decimals are written with commas") as refused:
        report("european")
    assert "--delimiter ';' --decimal ," in str(refused.value)
    assert upload("european").error == str(refused.value)
    dialect = Dialect(";", ",")
    assert upload("european", dialect).accepted == 3


def test_days_and_months_are_read_in_the_format_that_is_given() -> None:
    dialect = Dialect(time_format="%d/%m/%Y %H:%M")
    assert upload("day_or_month", dialect).accepted == 3


def test_a_workbook_is_named_by_both() -> None:
    with pytest.raises(PacewatchError, match="a zip archive or an Excel workbook"):
        report("spreadsheet")
    assert "a zip archive or an Excel workbook" in upload("spreadsheet").error


def test_outcomes_of_devices_without_readings_are_counted_and_named() -> None:
    assert report("unmatched_outcomes").unmatched == {"12": 1}


@pytest.mark.parametrize("case", ["doubled_outcomes", "capital_kind"])
def test_a_failure_counts_once_and_in_capitals_too(case: str) -> None:
    fleet = report(case)
    assert fleet.failures.modes == ("fracture",)
    repeated = any("1 of 2 rows repeat another and count once" in line for line in fleet.findings)
    assert repeated == (case == "doubled_outcomes")


def test_one_failure_under_two_modes_is_one_event() -> None:
    failures = report("two_modes").failures
    assert failures.modes == ("exit_block", "fracture")
    counted = failures.one_in_each_horizon(PACEMAKER.label.horizon_s)
    assert (counted.device_ids.tolist(), counted.modes) == ([17], ("exit_block",))


def test_an_outcome_of_an_unknown_kind_is_refused_with_line_and_value() -> None:
    with pytest.raises(PacewatchError, match="kind: 1 row: must be one of failure, explant, lost, seen_healthy") as why:
        report("unknown_kind")
    assert '(first in line 2 "broken")' in str(why.value)


def test_outcomes_that_look_like_labels_are_warned_of() -> None:
    (warning,) = [line for line in report("labels_as_outcomes").findings if "look like labels" in line]
    assert "17 has 60 in a row" in warning
