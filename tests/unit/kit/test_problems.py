"""Problem details are bounded ASCII JSON."""

import json

from pacewatch.kit.http.problems import problem


def test_a_problem_is_bounded_and_a_lone_surrogate_in_it_is_escaped() -> None:
    response = problem(400, "x", "\ud800" * 5_000)
    assert len(response.body) < 16_384
    assert len(json.loads(bytes(response.body))["detail"]) == 2_000
