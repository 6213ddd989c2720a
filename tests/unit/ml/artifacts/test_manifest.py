"""The manifest of a packed engine."""

import json
from datetime import datetime

import pytest
from unit.ml.artifacts.signing import packed

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.artifacts import manifest


def test_the_manifest_describes_the_model() -> None:
    fields = json.loads(packed()[1])
    assert fields["version"] == "20260304T050607Z"
    assert fields["features"] == list(PACEMAKER.predictors)
    assert (fields["run_id"], fields["commit"], fields["metrics"]) == ("r1", "abc", {"roc_auc": 0.9})
    assert fields["libraries"] == manifest.library_versions(fields["algorithm"])


def test_a_time_without_a_time_zone_is_refused_as_version() -> None:
    with pytest.raises(ValueError, match="time zone"):
        manifest.version_stamp(datetime(2026, 3, 4))  # noqa: DTZ001
