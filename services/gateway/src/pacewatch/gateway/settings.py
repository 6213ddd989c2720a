"""What can be set about accounts."""

from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from pacewatch.gateway.schemas import SHORTEST_PASSWORD
from pacewatch.kit.settings import environment


class GatewaySettings(BaseSettings):
    """The first superuser, and how the dashboard is reached."""

    model_config = environment()

    superuser_email: str = Field("", description="first superuser, made at start if missing; empty: none")
    superuser_password: SecretStr = Field(SecretStr(""), description="that superuser's first password; has no default")
    public_url: Annotated[str, Field(pattern="^https?://")] = Field(
        "http://localhost:8080", description="where people reach the dashboard; https makes cookies secure"
    )

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")

    @model_validator(mode="after")
    def _superuser_is_whole(self) -> Self:
        password = self.superuser_password.get_secret_value()
        if bool(self.superuser_email) != bool(password):
            raise ValueError("superuser_email and superuser_password go together")
        if password and len(password) < SHORTEST_PASSWORD:
            raise ValueError(f"superuser_password needs at least {SHORTEST_PASSWORD} characters")
        return self
