"""Numbers that JSON can represent."""

import json

import numpy as np

from pacewatch.ml.json_numbers import plain


def test_plain_gives_only_values_that_json_can_represent() -> None:
    value = {"a": np.float64("nan"), "b": np.arange(2), "c": [np.int64(1), np.bool_(True), float("inf")], "d": "x"}
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == {
        "a": None,
        "b": [0, 1],
        "c": [1, True, None],
        "d": "x",
    }
