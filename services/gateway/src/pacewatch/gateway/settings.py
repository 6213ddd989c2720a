"""The gateway's settings: the first superuser and the dashboard's address."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from pacewatch.gateway.accounts.schemas import SHORTEST_PASSWORD, Email
from pacewatch.kit.settings import environment


class GatewaySettings(BaseSettings):
    """The first superuser, and the address at which people open the dashboard."""

    model_config = environment()

    superuser_email: Email | Literal[""] = Field(
        "", description="first superuser, created at start if there is no account yet; empty: none"
    )
    superuser_password: SecretStr = Field(SecretStr(""), description="that superuser's first password; no default")
    public_url: Annotated[str, Field(pattern="^https?://")] = Field(
        "http://localhost:8080", description="address of the dashboard; https makes cookies secure"
    )
    streams_per_account: Annotated[int, Field(ge=1, le=10_000)] = Field(
        50, description="live streams that one account or key may have open in one process; more get a 429"
    )

    require_totp: bool = Field(
        False,
        description="superusers must have a second factor: until then they only read the fleet and set it up",
    )
    security_events_days: Annotated[int, Field(ge=1, le=3_650)] = Field(
        365, description="days until a security event is deleted"
    )

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")

    @model_validator(mode="after")
    def _superuser_is_complete(self) -> Self:
        password = self.superuser_password.get_secret_value()
        if bool(self.superuser_email) != bool(password):
            raise ValueError("set both superuser_email and superuser_password, or neither")
        if password and len(password) < SHORTEST_PASSWORD:
            raise ValueError(f"superuser_password needs at least {SHORTEST_PASSWORD} characters")
        return self
