"""What the columns of the cache mean, for people who open a file of it: Parquet carries it as metadata."""

import json
from collections.abc import Mapping
from typing import Final

from pacewatch.contracts.profile import Profile

# As `pull.LABEL` writes them.
LABELS: Final = {
    1: "positive: a failure within the horizon",
    0: "negative: none, as is known",
    -1: "unresolved: the horizon is open, or nothing is known yet",
    -2: "censored: explanted, lost or silent before the horizon had passed",
}


def explanation(profile: Profile) -> Mapping[str, str]:
    """The metadata of each file: `pacewatch.columns` and `pacewatch.labels` are JSON, by column and by code."""
    signals = {signal.name: f"{signal.label}, {signal.unit}" for signal in profile.signals}
    columns = {
        "device_id": f"{profile.device_noun}, as `{profile.device_field}` in what is sent",
        "timestamp_s": "time of the reading, Unix seconds UTC",
        **signals,
        "label": "what happened within the horizon, as a code of pacewatch.labels",
    }
    return {
        "pacewatch.profile": profile.name,
        "pacewatch.label": f"{profile.label.name}, horizon {profile.label.horizon_days} days",
        "pacewatch.columns": json.dumps(columns, ensure_ascii=False),
        "pacewatch.labels": json.dumps(LABELS),
    }
