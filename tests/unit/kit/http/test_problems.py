"""Errors of fields, in words."""

from typing import Annotated

import pytest
from pydantic import StringConstraints, TypeAdapter, ValidationError

from pacewatch.kit.http.problems import _words


@pytest.mark.parametrize(
    ("constraints", "value", "words"),
    [
        (StringConstraints(min_length=10), "short", "must have at least 10 characters"),
        (StringConstraints(pattern=r"^\d{8}T\d{6}Z$"), "v1", "is not written as this field has to be"),
    ],
)
def test_a_field_error_shows_no_regular_expression(constraints: StringConstraints, value: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Annotated[str, constraints]).validate_python(value)
    said = _words(dict(caught.value.errors()[0]))
    assert words in said
    assert "^" not in said
