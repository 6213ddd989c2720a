"""Settings come from the environment and nowhere else; what is wrong with them is told all at once."""

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.exc import ArgumentError

from pacewatch.kit.clock import Pace
from pacewatch.kit.db import asyncpg_url
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.keys import KeySource


def environment(prefix: str = "PACEWATCH_") -> SettingsConfigDict:
    """How every settings class reads the environment; a service passes its own longer prefix."""
    return SettingsConfigDict(env_prefix=prefix, extra="ignore", frozen=True, env_ignore_empty=True)


class KitSettings(BaseSettings):
    """What every process of the platform needs to know."""

    model_config = environment()

    database_url: SecretStr = Field(description="postgresql://user:password@host:port/database")
    amqp_url: SecretStr = Field(SecretStr(""), description="amqp://user:password@host:port/vhost; not for --target all")
    amqp_prefix: str = Field("", description="put before the name of every exchange and queue; for sharing a broker")
    host: str = Field("127.0.0.1", description="address to listen on; loopback unless you say otherwise")
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(8080, description="port to listen on")
    profile: str = Field("pacemaker", description="device profile this deployment serves: pacemaker or machine")
    artifact_url: str = Field("file://.pacewatch/artifacts", description="where model artifacts are kept")
    secrets_dir: Path = Field(Path(".pacewatch/secrets"), description="signing keys, made on first use")
    token_private_key: SecretStr = Field(SecretStr(""), description="Ed25519, base64; the gateway's, to sign tokens")
    token_public_key: SecretStr = Field(SecretStr(""), description="Ed25519, base64; everybody's, to check tokens")
    artifact_private_key: SecretStr = Field(SecretStr(""), description="Ed25519, base64; the trainer's, to sign models")
    artifact_public_key: SecretStr = Field(SecretStr(""), description="Ed25519, base64; to check models")
    web_dir: Path = Field(Path("web/dist"), description="the built dashboard; served by --target all")
    log_format: str = Field("console", pattern="^(console|json)$", description="console, or json in production")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least severe level told")
    clock: str = Field("", description="wall_s,fleet_s,speed: fleet time for demos and replays; empty: the wall clock")
    # The least is for --target all: every service's relay holds one while the handlers it feeds need others.
    database_pool_size: Annotated[int, Field(ge=5, le=100)] = Field(
        10, description="connections a process keeps; in need it opens as many again"
    )
    max_body_mib: Annotated[int, Field(ge=1, le=1_024)] = Field(4, description="largest request body, MiB")

    @field_validator("database_url")
    @classmethod
    def _is_a_database_url(cls, url: SecretStr) -> SecretStr:
        try:
            named = asyncpg_url(url.get_secret_value()).database
        except ArgumentError:
            raise ValueError("is no URL") from None
        if not named:
            raise ValueError("names no database")
        return url

    @field_validator("clock")
    @classmethod
    def _is_a_pace(cls, text: str) -> str:
        if text:
            Pace.parse(text)
        return text

    def token_keys(self) -> KeySource:
        """The pair that signs and checks tokens."""
        return self._keys("token", self.token_private_key, self.token_public_key)

    def artifact_keys(self) -> KeySource:
        """The pair that signs and checks model artifacts."""
        return self._keys("artifact", self.artifact_private_key, self.artifact_public_key)

    def _keys(self, name: str, private: SecretStr, public: SecretStr) -> KeySource:
        return KeySource(name, private.get_secret_value(), public.get_secret_value(), self.secrets_dir)


SettingsType = TypeVar("SettingsType", bound=BaseSettings)


def load(kind: type[SettingsType]) -> SettingsType:
    """Settings of `kind` from the environment; ConfigurationError names every variable that is wrong and why."""
    try:
        return kind()
    except ValidationError as error:
        raise ConfigurationError("\n".join(_complaints(kind, error))) from None


def _complaints(kind: type[BaseSettings], error: ValidationError) -> list[str]:
    prefix = kind.model_config.get("env_prefix", "")
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0])
        field = kind.model_fields.get(name)
        meaning = f" ({field.description})" if field is not None and field.description else ""
        lines.append(f"{prefix}{name.upper()}: {problem['msg'].lower()}{meaning}")
    return lines
