"""Settings come from environment variables only; an error lists every invalid variable at once."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.exc import ArgumentError

from pacewatch.kit.accounts import Accounts, parse_passwords
from pacewatch.kit.clock import Pace
from pacewatch.kit.db import asyncpg_url
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.keys import KeySource


def environment(prefix: str = "PACEWATCH_") -> SettingsConfigDict:
    """The configuration of every settings class; a service passes its own longer prefix."""
    return SettingsConfigDict(env_prefix=prefix, extra="ignore", frozen=True, env_ignore_empty=True)


def split(text: str) -> list[str]:
    """The parts of a list that is separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


class KitSettings(BaseSettings):
    """Settings of every process of the platform."""

    model_config = environment()

    database_url: SecretStr = Field(description="postgresql://user:password@host:port/database")
    amqp_url: SecretStr = Field(SecretStr(""), description="amqp://user:password@host:port/vhost; not for --target all")
    amqp_api_url: SecretStr = Field(
        SecretStr(""),
        description="http://user:password@host:15672, RabbitMQ's management API; `pacewatch migrate` alone uses it, to "
        "make the accounts of the services",
    )
    amqp_prefix: str = Field("", description="prefix of every exchange and queue name, to share a broker")
    accounts: str = Field(
        "",
        pattern="^([a-z][a-z0-9_]{0,30})?$",
        description="prefix of the accounts that `pacewatch migrate` makes in PostgreSQL and RabbitMQ, one for each "
        "service, with the least rights it needs, e.g. pacewatch_; empty: every service uses the two URLs as they are",
    )
    account_passwords: SecretStr = Field(
        SecretStr(""), description="service:password,...; passwords not given are in secrets_dir, created on first use"
    )
    host: str = Field("127.0.0.1", description="address to listen on; loopback by default")
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(8080, description="port to listen on")
    allowed_hosts: str = Field(
        "localhost,127.0.0.1,[::1]", description="host names that requests may ask for, separated by commas; *: any"
    )
    trusted_proxies: str = Field(
        "", description="addresses or networks, separated by commas, whose X-Forwarded-For is believed; empty: none"
    )
    operations_host: str = Field("127.0.0.1", description="address of the operators' listener")
    operations_port: Annotated[int, Field(ge=0, le=65_535)] = Field(
        0, description="port of the operators' listener: /metrics and /docs; 0: none"
    )
    profile: str = Field("pacemaker", description="device profile this deployment serves: pacemaker or machine")
    artifact_url: str = Field("file://.pacewatch/artifacts", description="where model artifacts are stored")
    secrets_dir: Path = Field(Path(".pacewatch/secrets"), description="folder of signing keys, created on first use")
    token_private_key: SecretStr = Field(SecretStr(""), description="Ed25519, base64; gateway only: signs tokens")
    token_public_key: SecretStr = Field(
        SecretStr(""), description="Ed25519, base64, one or several, with commas; all services: verify tokens"
    )
    artifact_private_key: SecretStr = Field(SecretStr(""), description="Ed25519, base64; trainer only: signs models")
    artifact_public_key: SecretStr = Field(
        SecretStr(""), description="Ed25519, base64, one or several, with commas; verify models"
    )
    web_dir: Path = Field(Path("web/dist"), description="the built dashboard; served by --target all")
    log_format: str = Field("console", pattern="^(console|json)$", description="console, or json in production")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="lowest level that is logged")
    reconcile_every_s: Annotated[float, Field(gt=0, le=86_400)] = Field(
        60, description="wall seconds between two searches for events that were lost between publisher and handler"
    )
    clock: str = Field("", description="wall_s,fleet_s,speed: fleet time for demos and replays; empty: wall clock")
    # The minimum is for --target all: the relay of each service holds a connection while its handlers need more.
    database_pool_size: Annotated[int, Field(ge=5, le=100)] = Field(
        10,
        description="connections a process keeps open, with accounts each of its services; under load it opens up to "
        "twice as many",
    )
    max_body_mib: Annotated[int, Field(ge=1, le=1_024)] = Field(4, description="largest request body, MiB")

    @field_validator("database_url")
    @classmethod
    def _is_a_database_url(cls, url: SecretStr) -> SecretStr:
        try:
            database = asyncpg_url(url.get_secret_value()).database
        except ArgumentError:
            raise ValueError("is not a URL") from None
        if not database:
            raise ValueError("has no database name")
        return url

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for part in split(text):
            ip_network(part)
        return text

    @field_validator("account_passwords")
    @classmethod
    def _are_passwords(cls, passwords: SecretStr) -> SecretStr:
        parse_passwords(passwords.get_secret_value())
        return passwords

    @field_validator("clock")
    @classmethod
    def _is_a_pace(cls, text: str) -> str:
        if text:
            Pace.parse(text)
        return text

    def service_accounts(self) -> Accounts | None:
        """The accounts of the services; None if all use the same one."""
        given = parse_passwords(self.account_passwords.get_secret_value())
        return Accounts(self.accounts, given, self.secrets_dir) if self.accounts else None

    def database_url_of(self, service: str) -> str:
        """The database's URL with the account of `service`, if it has one."""
        url, accounts = self.database_url.get_secret_value(), self.service_accounts()
        return accounts.url(url, service) if accounts else url

    def amqp_url_of(self, service: str) -> str:
        """The broker's URL with the account of `service`, if it has one; empty if there is no broker."""
        url, accounts = self.amqp_url.get_secret_value(), self.service_accounts()
        return accounts.url(url, service) if accounts and url else url

    def token_keys(self) -> KeySource:
        """The key pair that signs and verifies tokens."""
        return self._keys("token", self.token_private_key, self.token_public_key)

    def artifact_keys(self) -> KeySource:
        """The key pair that signs and verifies model artifacts."""
        return self._keys("artifact", self.artifact_private_key, self.artifact_public_key)

    def _keys(self, name: str, private: SecretStr, public: SecretStr) -> KeySource:
        return KeySource(name, private.get_secret_value(), public.get_secret_value(), self.secrets_dir)


SettingsType = TypeVar("SettingsType", bound=BaseSettings)


def load(kind: type[SettingsType]) -> SettingsType:
    """Settings of `kind` from the environment; ConfigurationError lists every invalid variable and why."""
    try:
        return kind()
    except ValidationError as error:
        raise ConfigurationError("\n".join(_problems(kind, error))) from None


def _problems(kind: type[BaseSettings], error: ValidationError) -> list[str]:
    prefix = kind.model_config.get("env_prefix", "")
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0])
        field = kind.model_fields.get(name)
        meaning = f" ({field.description})" if field is not None and field.description else ""
        lines.append(f"{prefix}{name.upper()}: {problem['msg'].lower()}{meaning}")
    return lines
