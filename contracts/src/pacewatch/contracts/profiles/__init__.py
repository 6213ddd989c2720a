"""The fleets this code base knows; `by_name` is how a deployment chooses its one."""

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.contracts.profiles.pacemaker import PACEMAKER

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (PACEMAKER, MACHINE)}


def by_name(name: str) -> Profile:
    """The profile called `name`; LookupError names the known ones."""
    try:
        return PROFILES[name]
    except KeyError:
        raise LookupError(f"no device profile is called {name!r}; known profiles: {', '.join(PROFILES)}") from None
