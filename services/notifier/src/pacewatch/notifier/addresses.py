"""Parses mail addresses strictly, so that no comma or line break can add a recipient."""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.policy import SMTP

from pacewatch.contracts.accounts import fold_email

# ASCII only: other characters need SMTPUTF8 at every hop. Internationalised domains have an xn-- form.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_LONGEST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A recipient: an address, and optionally a name in any script and with any punctuation."""

    address: str
    name: str = ""

    @property
    def header(self) -> Address:
        """The value for a mail header; the mail library quotes and encodes the name."""
        return Address(display_name=self.name, addr_spec=self.address)


def parse(text: str) -> tuple[Mailbox, ...]:
    """Mailboxes separated by commas, each `ann@example.org` or `"Doe, Ann" <ann@example.org>`; ValueError if not."""
    if not text.isprintable():
        raise ValueError("mail addresses must not contain line breaks or control characters")
    header = SMTP.header_factory("To", text)
    if text.strip() and header.defects:
        raise ValueError(f"not mail addresses separated by commas: {header.defects[0]}")
    found: dict[str, Mailbox] = {}
    for address in header.addresses if text.strip() else ():
        if len(address.addr_spec) > _LONGEST or not _ADDRESS.fullmatch(address.addr_spec):
            raise ValueError(
                f"{address.addr_spec or str(address)!r} is not a mail address; write ann@example.org, bob@example.org"
            )
        found.setdefault(fold_email(address.addr_spec), Mailbox(address.addr_spec, address.display_name))
    return tuple(found.values())
