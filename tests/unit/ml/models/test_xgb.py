"""XGBoost: the same bits in any batch, exact contributions, and trees that are never pickled into an artifact."""

import io
import pickle
import pickletools
import zipfile
import zlib

import numpy as np
import pytest
from unit.ml.engines import fitted, rows

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.artifacts import pickled
from pacewatch.ml.artifacts.manifest import library_versions
from pacewatch.ml.models.parameters import Parameters
from pacewatch.ml.models.xgb import XGBoost


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 5_000])
def test_a_row_has_the_same_bits_in_a_batch_of_any_size(count: int) -> None:
    x, engine = rows(6_000)[0], fitted("xgboost")
    whole, contributions = engine.predict_proba(x), engine.contributions(x)
    assert engine.predict_proba(x[:count]).tobytes() == whole[:count].tobytes()
    assert engine.contributions(x[:count]).tobytes() == contributions[:count].tobytes()


def test_a_predictor_that_no_tree_splits_on_contributes_nothing() -> None:
    x, engine = rows()[0].astype(np.float32), fitted("xgboost")
    used = set(engine._estimator.booster.get_score(importance_type="weight"))
    unused = [i for i in range(x.shape[1]) if f"f{i}" not in used]
    contributions = engine.contributions(x)
    assert (contributions[:, unused] == 0).all()
    assert (contributions[:, 0] != 0).any()


def test_an_artifact_has_the_trees_as_ubjson_and_no_pickled_part_names_xgboost() -> None:
    engine = fitted("xgboost")
    content = pickled.save(engine)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert set(archive.namelist()) == {"engine.joblib", "trees.ubj"}
        trees, rest = archive.read("trees.ubj"), archive.read("engine.joblib")
    assert trees == engine._estimator.save()
    names = {argument for _, argument, _ in pickletools.genops(zlib.decompress(rest)) if isinstance(argument, str)}
    assert "pacewatch.ml.models.ml_engine" in names
    assert not any("xgb" in name and name != "xgboost" for name in names)  # the algorithm's name alone


def test_an_opened_artifact_scores_with_the_same_bits_and_is_saved_as_the_same_bytes() -> None:
    engine, x = fitted("xgboost"), rows()[0]
    content = pickled.save(engine)
    opened = pickled.load(content, PACEMAKER)
    assert opened.predict_proba(x).tobytes() == engine.predict_proba(x).tobytes()
    assert opened.contributions(x).tobytes() == engine.contributions(x).tobytes()
    assert pickled.save(opened) == content == pickled.save(engine)


def test_a_checkpoint_continues_with_the_same_trees() -> None:
    engine, x = fitted("xgboost"), rows()[0]
    continued = pickle.loads(pickle.dumps(engine)).bind(PACEMAKER)
    assert continued.predict_proba(x).tobytes() == engine.predict_proba(x).tobytes()


def test_an_unfitted_estimator_can_be_copied() -> None:
    assert pickle.loads(pickle.dumps(XGBoost(Parameters(algorithm="xgboost")))).booster is None


def test_only_its_own_models_depend_on_its_version() -> None:
    assert "xgboost-cpu" in library_versions("xgboost")
    assert "xgboost-cpu" not in library_versions("random_forest")
