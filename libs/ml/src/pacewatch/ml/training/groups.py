"""Groups of readings by what the register says of their devices: the model is judged for each."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.kit.columns.arrays import Floats, Words
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.register import Register, age_days

AGES_DAYS: Final = {"age under 90 days": 90, "age 90 days to 5 years": 5 * 365.25, "age 5 years or more": np.inf}
DEVICE_AGE: Final = "device age"
NOT_GIVEN: Final = "not given"
MOST_GROUPS: Final = 20
"""A text attribute with more distinct values is a name, not a grouping."""


def groups_of(profile: Profile, register: Register, keys: Readings) -> dict[str, Words]:
    """The group of each reading: one grouping by each text, and one by age, from the first date of the profile."""
    return dict(_groupings(profile, register, keys))


def _groupings(profile: Profile, register: Register, keys: Readings) -> Iterator[tuple[str, Words]]:
    for name, timeline in register.items():
        is_text = timeline.values.dtype.kind in "UO"
        if is_text and len(np.unique(timeline.values)) <= MOST_GROUPS:
            yield name.replace("_", " "), timeline.at(keys, NOT_GIVEN).astype(np.str_)
    dates = (one.name for one in profile.attributes if one.kind is AttributeKind.DATE and one.name in register)
    if first := next(dates, None):
        yield DEVICE_AGE, _age_groups(age_days(register[first].at(keys, np.nan), keys))


def _age_groups(days: Floats) -> Words:
    names, limits = np.array([*AGES_DAYS, NOT_GIVEN]), np.array([*AGES_DAYS.values()])
    # NaN is behind every limit.
    found: Words = names[np.searchsorted(limits, days, side="right")]
    return found
