"""The algorithms as estimators with one interface: fit(X, y); X may have NaN."""

from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pacewatch.ml.models.boosted import LEAVES
from pacewatch.ml.models.parameters import Parameters
from pacewatch.ml.models.xgb import XGBoost


def build(parameters: Parameters) -> Any:
    """An unfitted estimator for `parameters.algorithm`."""
    builders = {
        "random_forest": _random_forest,
        "logistic_regression": _logistic_regression,
        "hist_gradient_boosting": _hist_gradient_boosting,
        "xgboost": XGBoost,
    }
    return builders[parameters.algorithm](parameters)


def _random_forest(p: Parameters) -> Any:
    return RandomForestClassifier(
        n_estimators=p.n_estimators,
        max_depth=p.max_depth,
        min_samples_leaf=p.min_samples_leaf,
        max_samples=p.max_samples,
        max_features=p.max_features,
        oob_score=True,
        n_jobs=p.n_jobs,
        random_state=p.random_state,
    )


def _hist_gradient_boosting(p: Parameters) -> Any:
    return HistGradientBoostingClassifier(
        max_iter=p.boosting_iterations,
        learning_rate=p.learning_rate,
        max_leaf_nodes=LEAVES,
        max_features=0.3,
        min_samples_leaf=8 * p.min_samples_leaf,
        l2_regularization=p.l2_regularization,
        early_stopping=False,
        random_state=p.random_state,
    )


def _logistic_regression(p: Parameters) -> Any:
    # `keep_empty_features`: a window longer than the training span has no value, and its column must stay.
    return make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=1_000, random_state=p.random_state),
    )
