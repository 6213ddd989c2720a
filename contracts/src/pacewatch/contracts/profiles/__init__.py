"""The built-in device profiles; a deployment selects one by name."""

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.contracts.profiles.pacemaker import PACEMAKER

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (PACEMAKER, MACHINE)}


def by_name(name: str) -> Profile:
    """The profile named `name`; LookupError lists the known names."""
    try:
        return PROFILES[name]
    except KeyError:
        raise LookupError(f"unknown device profile {name!r}; known profiles: {', '.join(PROFILES)}") from None
