"""What the dashboard asks first: the deployment's profile, and its clock."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.profile import Profile
from pacewatch.gateway.deployment.schemas import ClockView, ProfileView
from pacewatch.kit import clock
from pacewatch.kit.http.auth import Principal, require

Reader = Annotated[Principal, Depends(require(Scope.FLEET_READ))]


def add_routes(router: APIRouter, profile: Profile) -> None:
    """profile, clock."""
    view = ProfileView.model_validate(asdict(profile))

    @router.get("/profile")
    async def get_profile(_actor: Reader) -> ProfileView:
        """The kind of device this deployment monitors."""
        return view

    @router.get("/clock")
    async def get_clock(_actor: Reader) -> ClockView:
        """Fleet time and wall time."""
        now = clock.now()
        return ClockView(fleet_time=now, speed=clock.speed(), wall_time=datetime.now(UTC))
