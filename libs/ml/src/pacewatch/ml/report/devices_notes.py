"""Notes on the `devices` file of a fleet: attributes that it has not, and values that no model knows."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.contracts.tables.of_profile import VALID_FROM
from pacewatch.kit.columns.arrays import AnyArray
from pacewatch.kit.tables.files.whole import WholeTable

MOST_NAMED = 5


def notes_on(table: WholeTable, profile: Profile) -> Iterator[str]:
    """In words, each beginning with the name of the file."""
    name = table.path.name
    declared = {one.name: one for one in profile.attributes}
    without = [one for one in declared if one not in table.columns or not _is_given(table.columns[one]).any()]
    others = [one for one in table.columns if one not in (*declared, profile.device_field, VALID_FROM)]
    if without and others:
        yield (
            f"{name}: no value of {', '.join(without)}, and the profile does not know the column"
            f"{'s' * (len(others) > 1)} {', '.join(others)}: is one the other, spelled otherwise?"
        )
    elif without:
        yield f"{name}: no value of {', '.join(without)}"
    for attribute in declared.values():
        if attribute.kind is AttributeKind.TEXT and attribute.values and attribute.name in table.columns:
            yield from _unknown(name, attribute.name, attribute.values, table.columns[attribute.name])


def _unknown(file: str, attribute: str, known: tuple[str, ...], values: AnyArray) -> Iterator[str]:
    counts = Counter(one for one in values.tolist() if one is not None and one not in known)
    if counts:
        named = ", ".join(f"{value} ({count:,})" for value, count in counts.most_common(MOST_NAMED))
        more = f" and {len(counts) - MOST_NAMED} more" if len(counts) > MOST_NAMED else ""
        yield (
            f"{file}: {sum(counts.values()):,} values of {attribute} are none of {', '.join(known)}, "
            f"and unknown to the model: {named}{more}"
        )


def _is_given(values: AnyArray) -> AnyArray:
    if values.dtype == object:
        return np.array([one is not None for one in values.tolist()])
    return ~np.isnan(values)
