"""Files that tools of developers read agree with the project: hooks, templates, update bot, dev container."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
DEV_CONTAINER = ROOT / ".devcontainer"


def _yaml(path: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / path).read_text()))


@pytest.fixture(scope="module")
def dev_services() -> dict[str, Any]:
    return dict(_yaml(".devcontainer/compose.yaml")["services"])


def test_git_hooks_only_call_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    repositories = _yaml(".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"], "another source would be a download"
    hooks = repositories[0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    for hook in hooks:
        make, target, *variables = shlex.split(hook["entry"])
        assert make == "make"
        assert target in targets
        assert all("=" in variable for variable in variables)


def test_both_hosts_show_the_same_pull_request_template() -> None:
    azure = ROOT / ".azuredevops/pull_request_template.md"
    assert (ROOT / ".github/PULL_REQUEST_TEMPLATE.md").read_text() == azure.read_text()


def test_the_update_bot_finds_every_lock_file() -> None:
    settings = json.loads((ROOT / ".github/renovate.json").read_text())
    (pattern,) = settings["pip_requirements"]["managerFilePatterns"]
    locks = [path.name for path in ROOT.glob("*.lock")]
    assert locks
    assert [name for name in locks if not re.search(pattern.strip("/"), name)] == []


def test_the_dev_container_opens_a_service_that_compose_starts(dev_services: dict[str, Any]) -> None:
    settings = json.loads((DEV_CONTAINER / "devcontainer.json").read_text())
    assert settings["dockerComposeFile"] == "compose.yaml"
    workspace = dev_services[settings["service"]]
    assert f"..:{settings['workspaceFolder']}:cached" in workspace["volumes"]
    hosts = {port.split(":")[0] for port in settings["forwardPorts"] if isinstance(port, str)}
    assert hosts <= set(dev_services)
    assert set(workspace["depends_on"]) == set(dev_services) - {settings["service"]}


def test_the_dev_container_has_the_servers_of_the_deployment(dev_services: dict[str, Any]) -> None:
    deployed = _yaml("infra/compose/compose.yaml")["services"]
    servers = {name: service["image"] for name, service in dev_services.items() if "image" in service}
    assert servers == {name: deployed[name]["image"] for name in ("postgres", "rabbitmq", "mailcatcher")}


def test_tests_and_services_reach_the_dev_containers_servers_by_name(dev_services: dict[str, Any]) -> None:
    tests = dev_services["workspace"]["environment"]
    used = (DEV_CONTAINER / "environment").read_text() + " ".join(tests.values())
    assert set(re.findall(r"@(\w+):", used)) | set(re.findall(r"HOST=(\w+)", used)) == {
        "postgres",
        "rabbitmq",
        "mailcatcher",
    }
