"""Tests that share something expensive run in one worker."""

from support.scheduling import SAME_WORKER, FilesAndGroups


def test_a_worker_gets_a_whole_file_or_all_tests_of_a_group() -> None:
    scope_of = FilesAndGroups._split_scope
    by_file = {scope_of(None, f"tests/a/test_b.py::test_c[{parameter}]") for parameter in ("x", "[y]", "::")}
    by_group = {scope_of(None, f"tests/{file}.py::test_c[{SAME_WORKER}d]") for file in ("a", "b")}
    assert (by_file, by_group) == ({"tests/a/test_b.py"}, {"d"})
