"""Invalid settings are listed all at once, by variable name and without their values; services have accounts."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import Field
from pydantic_settings import BaseSettings
from sqlalchemy import make_url
from yarl import URL

from pacewatch.kit.accounts import Accounts, parse_passwords
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.settings import KitSettings, environment, load

GOOD = "postgresql://user:hunter2@127.0.0.1/pacewatch"
DATABASE, BROKER = "postgresql+asyncpg://owner:secret@host:5433/fleet?ssl=require", "amqp://host:5672/%2Fvhost"


class ServiceSettings(BaseSettings):
    model_config = environment("PACEWATCH_OWN_")
    limit: int = Field(description="how many")
    rate: float = Field(1.0, ge=0, description="how fast")


@pytest.fixture(autouse=True)
def _database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACEWATCH_DATABASE_URL", GOOD)


def test_all_invalid_variables_are_listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    invalid = {
        "PORT": "70000",
        "LOG_FORMAT": "xml",
        "CLOCK": "soon",
        "DATABASE_POOL_SIZE": "0",
        "DATABASE_URL": "hunter2",
        "MAX_BODY_MIB": "much",
    }
    for name, value in invalid.items():
        monkeypatch.setenv(f"PACEWATCH_{name}", value)
    with pytest.raises(ConfigurationError) as error:
        load(KitSettings)
    lines = str(error.value).splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == sorted(f"PACEWATCH_{name}" for name in invalid)
    assert all(line.endswith(")") for line in lines)
    assert "hunter2" not in str(error.value)


def test_a_service_has_its_own_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"PACEWATCH_OWN_LIMIT: field required \(how many\)"):
        load(ServiceSettings)
    monkeypatch.setenv("PACEWATCH_OWN_LIMIT", "5")
    assert load(ServiceSettings).limit == 5


@pytest.mark.parametrize("url", ["", "postgresql://", "postgresql://host", "no url"])
def test_a_database_url_without_a_database_is_an_error(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("PACEWATCH_DATABASE_URL", url)
    with pytest.raises(ConfigurationError, match="PACEWATCH_DATABASE_URL"):
        load(KitSettings)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACEWATCH_PORT", "")
    assert load(KitSettings).port == 8080


def test_printed_settings_show_no_secret() -> None:
    assert "hunter2" not in repr(load(KitSettings))


def test_the_default_listens_on_loopback_only() -> None:
    assert load(KitSettings).host == "127.0.0.1"


def settings(folder: Path, **more: str) -> KitSettings:
    return KitSettings(database_url=DATABASE, amqp_url=BROKER, secrets_dir=folder, **more)


@pytest.mark.parametrize("password", ["plain", "p@ss:w/rd%40 #?é", "a=b"])
def test_a_url_names_the_account_of_the_service_and_keeps_the_rest(tmp_path: Path, password: str) -> None:
    own = settings(tmp_path, accounts="p_", account_passwords=f"ingest:{password}")
    database, broker = make_url(own.database_url_of("ingest")), URL(own.amqp_url_of("ingest"))
    assert (database.username, database.password, database.host, database.port) == ("p_ingest", password, "host", 5433)
    assert (database.database, database.query) == ("fleet", {"ssl": "require"})
    assert (broker.user, broker.password, broker.host, broker.raw_path) == ("p_ingest", password, "host", "/%2Fvhost")


def test_without_accounts_the_urls_stay_as_they_are(tmp_path: Path) -> None:
    shared = settings(tmp_path)
    assert (shared.database_url_of("ingest"), shared.amqp_url_of("ingest")) == (DATABASE, BROKER)
    assert list(tmp_path.iterdir()) == []


def test_without_a_broker_there_is_no_url_of_one(tmp_path: Path) -> None:
    assert KitSettings(database_url=DATABASE, secrets_dir=tmp_path, accounts="p_").amqp_url_of("ingest") == ""


def test_a_password_that_is_not_given_is_created_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    accounts = Accounts("p_", {"gateway": "given"}, tmp_path / "secrets")
    with ThreadPoolExecutor(8) as pool:
        (created,) = set(pool.map(lambda _: accounts.password("ingest"), range(32)))
    assert len(created) >= 32
    assert (accounts.password("gateway"), accounts.password("registry") == created) == ("given", False)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()}
    assert modes == {"p_ingest.password": 0o600, "p_registry.password": 0o600}


@pytest.mark.parametrize("text", ["secret", "ingest:", ":secret", "ingest:a,secret"])
def test_passwords_without_a_service_are_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PACEWATCH_ACCOUNT_PASSWORDS", text)
    with pytest.raises(ConfigurationError, match="PACEWATCH_ACCOUNT_PASSWORDS") as error:
        load(KitSettings)
    assert "secret" not in str(error.value).replace("secrets_dir", "")


def test_spaces_and_line_ends_between_passwords_are_ignored() -> None:
    assert parse_passwords("a:1,\n b:2, ") == {"a": "1", "b": "2"}
