"""The modules of all services are connected as the topology in `contracts` says."""

from pathlib import Path

from pydantic import SecretStr

from pacewatch.contracts import topology
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.modules import create_modules


def test_every_module_handles_exactly_the_events_of_the_topology(tmp_path: Path) -> None:
    database_url = SecretStr("postgresql://nobody@localhost/nothing")
    modules = create_modules("all", KitSettings(database_url=database_url, secrets_dir=tmp_path / "secrets"))
    handled = {
        module.name: {handler.queue.handler: handler.events for handler in module.handlers}
        for module in modules
        if module.handlers
    }
    assert handled == topology.SUBSCRIPTIONS
