"""How to log in to a local platform: an account and its password, made on the first run."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from pacewatch.kit.files import write_whole

SUPERUSER_EMAIL = "demo@pacewatch.example"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account of the local platform's superuser."""

    email: str
    password: str

    @classmethod
    def load_or_create(cls, path: Path) -> "Credentials":
        """The credentials in `path`, made if there are none yet. Only the owner can read the file."""
        if not path.exists():
            created = {"email": SUPERUSER_EMAIL, "password": secrets.token_urlsafe(12)}
            write_whole(path, json.dumps(created).encode(), mode=0o600)
        return cls(**json.loads(path.read_text()))
