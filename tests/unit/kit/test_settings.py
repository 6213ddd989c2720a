"""Invalid settings are listed all at once, by variable name and without their values."""

import pytest
from pydantic import Field
from pydantic_settings import BaseSettings

from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.settings import KitSettings, environment, load

GOOD = "postgresql://user:hunter2@127.0.0.1/pacewatch"


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
