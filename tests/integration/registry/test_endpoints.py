"""The registry over HTTP: required scopes, invalid input, pages and pipeline reports."""

from typing import Any
from uuid import UUID

import pytest
from support.registry import Registry

from pacewatch.contracts.accounts import Scope

VERSION = "20260101T000000Z"
RUN = UUID(int=7)
SCOPES = {
    ("GET", "models"): Scope.FLEET_READ,
    ("GET", "models/active"): Scope.FLEET_READ,
    ("GET", f"models/{VERSION}"): Scope.FLEET_READ,
    ("POST", f"models/{VERSION}/activate"): Scope.MODELS_MANAGE,
    ("POST", f"models/{VERSION}/promote"): Scope.MODELS_MANAGE,
    ("POST", "models/rollback"): Scope.MODELS_MANAGE,
    ("DELETE", f"models/{VERSION}"): Scope.MODELS_MANAGE,
    ("GET", "activations"): Scope.FLEET_READ,
    ("POST", "training-runs"): Scope.TRAINING_RUN,
    ("GET", "training-runs"): Scope.FLEET_READ,
    ("GET", "training-runs/schedule"): Scope.FLEET_READ,
    ("GET", f"training-runs/{RUN}"): Scope.FLEET_READ,
    ("POST", f"training-runs/{RUN}/cancel"): Scope.TRAINING_RUN,
    ("POST", "pipeline-runs"): Scope.PIPELINES_REPORT,
    ("GET", "pipeline-runs"): Scope.FLEET_READ,
}
INVALID_PARAMETERS: list[Any] = [
    {"n_trees": 5},
    {"n_estimators": 0},
    {"n_estimators": "many"},
    {"n_estimators": 10**9},
    {"algorithm": "oracle"},
    {"max_depth": [1]},
    {"max_depth": -5},
    {"learning_rate": "fast"},
    {"max_samples": 7.5},
    {"random_state": True},
    {"a\x00b": 1},
]


@pytest.mark.parametrize(("method", "path"), SCOPES)
async def test_endpoint_needs_exactly_its_scope(registry: Registry, method: str, path: str) -> None:
    scope = SCOPES[method, path]
    for given, refused in ((frozenset(Scope) - {scope}, True), (frozenset({scope}), False)):
        headers = registry.bearer(scopes=given)
        response = await registry.client.request(method, f"/api/v1/{path}", headers=headers)
        assert (response.status_code == 403) is refused, response.text
        assert response.status_code < 500
    assert (await registry.client.request(method, f"/api/v1/{path}")).status_code == 401


@pytest.mark.parametrize("parameters", INVALID_PARAMETERS, ids=repr)
async def test_invalid_hyperparameters_are_refused(registry: Registry, parameters: Any) -> None:
    response = await registry.call("POST", "training-runs", {"parameters": parameters})
    assert response.status_code == 422
    assert await registry.emitted() == []


@pytest.mark.parametrize("parameters", [{}, {"algorithm": "auto"}, {"max_depth": None, "random_state": 1}], ids=repr)
async def test_valid_hyperparameters_are_accepted(registry: Registry, parameters: Any) -> None:
    assert (await registry.call("POST", "training-runs", {"parameters": parameters})).status_code == 202


@pytest.mark.parametrize("path", ["models/nonsense", f"models/{VERSION}%00", "training-runs/7", "models?size=201"])
async def test_invalid_path_or_query_returns_422(registry: Registry, path: str) -> None:
    assert (await registry.call("GET", path)).status_code == 422


async def test_unknown_version_and_run_return_404(registry: Registry) -> None:
    for path, code in ((f"models/{VERSION}", "no_such_model"), (f"training-runs/{RUN}", "no_such_run")):
        response = await registry.call("GET", path)
        assert (response.status_code, response.json()["code"]) == (404, code)


async def test_models_are_paged_newest_first(registry: Registry) -> None:
    versions = [await registry.add_accepted(hours) for hours in range(3)]
    page = (await registry.call("GET", "models", page=2, size=2)).json()
    assert (page["total"], [model["version"] for model in page["items"]]) == (3, [versions[0]])


async def test_reports_of_several_stages_form_one_pipeline_run(registry: Registry) -> None:
    for stage, status in (("build", "succeeded"), ("train", "running"), ("train", "failed")):
        body = {"pipeline_run_id": "7", "pipeline": "mlops", "stage": stage, "status": status, "commit": "abc"}
        response = await registry.call("POST", "pipeline-runs", body | {"artifacts": [f"{stage}.log"]})
        assert response.status_code == 201, response.text
    page = (await registry.call("GET", "pipeline-runs")).json()
    [run] = page["items"]
    assert (page["total"], run["status"], run["commit"]) == (1, "failed", "abc")
    stages = [(stage["stage"], stage["status"], stage["artifacts"]) for stage in run["stages"]]
    assert stages == [("build", "succeeded", ["build.log"]), ("train", "failed", ["train.log"])]
    assert await registry.emitted_types() == ["pipeline.reported"] * 3
