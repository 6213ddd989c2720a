"""compose.yaml runs every service, publishes nothing beyond this machine, and has no default secrets."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.modules import TARGETS
from pacewatch.launcher.runtime.rights import rights

COMPOSE = Path(__file__).parents[3] / "infra" / "compose"
SECRET = re.compile(r"\$\{(\w*(?:PASSWORD|_KEY)\w*)(.*?)\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((COMPOSE / "compose.yaml").read_text()))


def test_every_target_of_the_launcher_is_a_service(compose: dict[str, Any]) -> None:
    commands = {name: service.get("command") for name, service in compose["services"].items()}
    assert {target: commands[target] for target in TARGETS} == {
        target: ["serve", "--target", target] for target in TARGETS
    }
    assert commands["migrate"] == ["migrate"]


def test_services_wait_for_the_migration_and_for_servers_that_answer(compose: dict[str, Any]) -> None:
    for target in TARGETS:
        needs = compose["services"][target]["depends_on"]
        assert needs["migrate"] == {"condition": "service_completed_successfully"}
        assert needs["rabbitmq"] == {"condition": "service_healthy"}


def test_postgresql_has_connections_for_two_of_each_service(compose: dict[str, Any]) -> None:
    (max_connections,) = re.findall(r"max_connections=(\d+)", " ".join(compose["services"]["postgres"]["command"]))
    pool_size = KitSettings.model_fields["database_pool_size"].default
    assert 2 * len(TARGETS) * (2 * pool_size + 3) < int(max_connections)


def test_no_port_is_published_beyond_this_machine(compose: dict[str, Any]) -> None:
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_only_containers_that_need_it_are_on_the_outside_network(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    outside = {name for name, service in compose["services"].items() if "outside" in service["networks"]}
    assert outside == {"nginx", "notifier", "rabbitmq", "mailcatcher", "prometheus", "grafana"}


def test_only_addresses_of_the_inside_network_are_believed_about_the_client(compose: dict[str, Any]) -> None:
    (network,) = compose["networks"]["inside"]["ipam"]["config"]
    assert compose["x-environment"]["PACEWATCH_TRUSTED_PROXIES"] == network["subnet"]
    outside = {name for name, service in compose["services"].items() if "outside" in service["networks"]}
    assert not outside & (set(TARGETS) - {"notifier"})


def test_a_missing_secret_is_an_error_that_says_what_to_do() -> None:
    secrets = SECRET.findall((COMPOSE / "compose.yaml").read_text())
    assert secrets
    assert [name for name, rest in secrets if rest != ":?write .env with infra/compose/new-env.sh"] == []


def test_the_script_makes_every_secret_that_compose_requires() -> None:
    required = {name for name, _ in SECRET.findall((COMPOSE / "compose.yaml").read_text())}
    script = (COMPOSE / "new-env.sh").read_text()
    made = set(re.findall(r"(\w+)=\$\(secret\)", script))
    keys = {f"PACEWATCH_{name}_{half}_KEY" for name in ("TOKEN", "ARTIFACT") for half in ("PRIVATE", "PUBLIC")}
    assert "pacewatch keys" in script
    assert required == made | keys


def test_only_the_signer_has_a_signing_key(compose: dict[str, Any]) -> None:
    holders = {
        (key, name)
        for name, service in compose["services"].items()
        for key in service.get("environment", {})
        if "PRIVATE_KEY" in key
    }
    assert holders == {
        ("PACEWATCH_TOKEN_PRIVATE_KEY", "gateway"),
        ("PACEWATCH_ARTIFACT_PRIVATE_KEY", "trainer-agent"),
    }


def test_only_the_migration_and_the_trainer_have_the_read_only_role(compose: dict[str, Any]) -> None:
    urls = {
        name: service["environment"]["PACEWATCH_TRAINER_DATABASE_URL"]
        for name, service in compose["services"].items()
        if "PACEWATCH_TRAINER_DATABASE_URL" in service.get("environment", {})
    }
    assert set(urls) == {"migrate", "trainer-agent"}
    assert all("//pacewatch_reader:${READER_PASSWORD" in url for url in urls.values())


def test_each_service_has_the_password_of_its_own_account_alone(compose: dict[str, Any]) -> None:
    passwords = {
        name: sorted(re.findall(r"(\w+):\$\{(\w+):", service["environment"]["PACEWATCH_ACCOUNT_PASSWORDS"]))
        for name, service in compose["services"].items()
        if "PACEWATCH_ACCOUNT_PASSWORDS" in service.get("environment", {})
    }
    every = sorted((name, f"{name.upper()}_PASSWORD") for name in (one.service for one in rights()))
    assert passwords.pop("migrate") == every
    assert passwords == {name.replace("_", "-"): [(name, variable)] for name, variable in every}


def test_only_the_migration_is_an_administrator(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        variables = service.get("environment", {})
        urls = [variables[key] for key in ("PACEWATCH_DATABASE_URL", "PACEWATCH_AMQP_URL") if key in variables]
        assert all(("pacewatch:${" in url) == (name == "migrate") for url in urls), name
        assert ("PACEWATCH_AMQP_API_URL" in variables) == (name == "migrate")


def test_prometheus_asks_the_operators_listener(compose: dict[str, Any]) -> None:
    (job,) = yaml.safe_load((COMPOSE / "prometheus.yml").read_text())["scrape_configs"]
    port = int(compose["x-environment"]["PACEWATCH_OPERATIONS_PORT"])
    assert [one["port"] for one in job["dns_sd_configs"]] == [port]


def test_the_gateways_image_sets_every_variable_of_the_template() -> None:
    variables = set(re.findall(r"\$\{(\w+)\}", (COMPOSE / "nginx.conf.template").read_text()))
    assert variables == set(re.findall(r"^\s+(?:ENV )?(PACEWATCH_(?!HOST|PORT)\w+)=", _gateway_stage(), re.MULTILINE))


def _gateway_stage() -> str:
    return (COMPOSE / "Dockerfile").read_text().split(" AS gateway")[1]
