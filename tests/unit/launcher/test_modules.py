"""The modules of all services are connected as the topology in `contracts` says."""

import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from pacewatch.contracts import topology
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.module import Module
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.contract_files.permissions import _routes
from pacewatch.launcher.runtime.modules import create_modules, queues


def modules_of_all(folder: Path) -> list[Module]:
    database_url = SecretStr("postgresql://nobody@localhost/nothing")
    return create_modules("all", KitSettings(database_url=database_url, secrets_dir=folder / "secrets"))


def test_every_module_handles_exactly_the_events_of_the_topology(tmp_path: Path) -> None:
    modules = modules_of_all(tmp_path)
    handled = {
        module.name: {handler.queue.handler: handler.events for handler in module.handlers}
        for module in modules
        if module.handlers
    }
    assert handled == topology.SUBSCRIPTIONS


def test_lost_events_are_published_to_queues_of_the_topology_by_their_publisher(tmp_path: Path) -> None:
    by_name = {queue.name: queue for queue in queues()}
    sources = [(module.name, source.queue) for module in modules_of_all(tmp_path) for source in module.sources]
    assert {queue.name: by_name[queue.name].types for _, queue in sources} == {
        queue.name: queue.types for _, queue in sources
    }
    for publisher, queue in sources:
        assert set(queue.types) <= {event.type for event in topology.PUBLISHERS[publisher]}
    readings = {"telemetry.accepted", "device.registered"}
    critical = readings | {"alert.raised", "alert.cleared", "model.activated", "training.requested"}
    assert {one for _, queue in sources for one in queue.types} == critical


def test_only_routes_that_carry_rows_take_more_than_a_small_body(tmp_path: Path) -> None:
    routes = [route for module in modules_of_all(tmp_path) if module.router for route in _routes(module.router)]
    large = {route.path: route.endpoint.body_bytes for route in routes if hasattr(route.endpoint, "body_bytes")}
    rows = dict.fromkeys(["/api/v1/telemetry/ingest", "/api/v1/outcomes", "/api/v1/devices"], sys.maxsize)
    assert large == {**rows, "/api/v1/telemetry/uploads": None, "/api/v1/predict": 768_000}


def test_a_wrong_profile_is_one_error_with_the_known_ones(tmp_path: Path) -> None:
    database_url = SecretStr("postgresql://nobody@localhost/nothing")
    settings = KitSettings(database_url=database_url, secrets_dir=tmp_path, profile="kettle")
    with pytest.raises(ConfigurationError) as refused:
        create_modules("all", settings)
    expected = "PACEWATCH_PROFILE: unknown device profile 'kettle'; known profiles: pacemaker, machine"
    assert str(refused.value) == expected
