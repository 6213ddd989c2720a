"""How a process is served."""

from pathlib import Path

from pydantic import SecretStr

from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.serve import prepare

NGINX_KEEPS_S = 60


def test_an_idle_connection_is_ended_by_the_client_and_never_under_its_next_request(tmp_path: Path) -> None:
    settings = KitSettings(database_url=SecretStr("postgresql://nobody@127.0.0.1:1/none"), secrets_dir=tmp_path)
    assert prepare("all", settings).config.timeout_keep_alive > NGINX_KEEPS_S
