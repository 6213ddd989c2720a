"""One account for each service, of the same name and password in PostgreSQL and RabbitMQ.

A service that is taken over can then do what this service may do, and no more. `pacewatch migrate` makes the accounts;
the services connect with them. Passwords come from the environment, else from the secrets folder, where the first
process that needs one creates it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from pacewatch.kit.files import create_once


@dataclass(frozen=True, slots=True)
class Accounts:
    """Names begin with `prefix`; `passwords` are those given by service, `folder` has the others."""

    prefix: str
    passwords: Mapping[str, str]
    folder: Path

    def name(self, service: str) -> str:
        """The database role and broker user of `service`."""
        return self.prefix + service

    def password(self, service: str) -> str:
        """Its password; created in the folder if there is none."""
        if given := self.passwords.get(service):
            return given
        path = self.folder / f"{self.name(service)}.password"
        if not path.exists():
            create_once(path, secrets.token_urlsafe(24), 0o600)
        return path.read_text().strip()

    def url(self, url: str, service: str) -> str:
        """`url` with the account of `service` instead of the one it names."""
        parts = urlsplit(url)
        account = f"{quote(self.name(service), safe='')}:{quote(self.password(service), safe='')}"
        return parts._replace(netloc=f"{account}@{parts.netloc.rpartition('@')[2]}").geturl()


def parse_passwords(text: str) -> dict[str, str]:
    """`service:password,...` as a mapping; ValueError if a part has no name or no password."""
    pairs = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    if not all(name and password for name, _, password in pairs):
        raise ValueError("must be service:password, with commas between services")
    return {name: password for name, _, password in pairs}
