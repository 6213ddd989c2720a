"""One fleet written in any way gives the same report and the same stored rows, or a refusal in words."""

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tables import readers, ways
from support.tables.ways import CHOICES, Way, outcomes, rows, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ways")


EXPECTED = sorted((str(row[ways.DEVICE]), *list(row.values())[1:]) for row in rows())
FAILURES = sorted((str(row[ways.DEVICE]), row["occurred_at"]) for row in outcomes())


@given(st.builds(Way, **{field.name: st.sampled_from(CHOICES[field.name]) for field in fields(Way)}))
@settings(max_examples=150)
def test_any_way_gives_the_same_rows_or_a_refusal_in_words(folder, way: Way) -> None:
    for old in folder.iterdir():
        old.unlink()
    path = write(way, folder, "readings", rows())
    write(way, folder, "outcomes", outcomes())
    by_report, by_upload = readers.report(folder, way.dialect), readers.upload(path, way.dialect)
    assert by_report.refused or by_report.rows == [*EXPECTED, *FAILURES]
    assert by_upload.refused or by_upload.rows == EXPECTED
    assert bool(by_report.refused) == bool(by_upload.refused), (by_report.refused, by_upload.refused)
    if way.must_be_refused:
        assert by_report.refused
    elif way.said == "yes":
        assert not by_report.refused, by_report.refused
