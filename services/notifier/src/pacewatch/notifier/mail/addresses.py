"""Mail addresses, read once and strictly: what a comma or a line break could turn into one more is refused."""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.policy import SMTP

# ASCII only: anything else needs SMTPUTF8 at every hop. A foreign domain has its xn-- form.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_LONGEST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whom a mail is for: an address, and perhaps a name, in any script and with any punctuation."""

    address: str
    name: str = ""

    @property
    def header(self) -> Address:
        """For a header; the mail library quotes and encodes the name."""
        return Address(display_name=self.name, addr_spec=self.address)


def parse(text: str) -> tuple[Mailbox, ...]:
    """Mailboxes separated by commas, each `ann@example.org` or `"Doe, Ann" <ann@example.org>`; ValueError if not."""
    if not text.isprintable():
        raise ValueError("line breaks and control characters have no place in mail addresses")
    header = SMTP.header_factory("To", text)
    if text.strip() and header.defects:
        raise ValueError(f"no mail addresses, or not separated by commas: {header.defects[0]}")
    found: dict[str, Mailbox] = {}
    for each in header.addresses if text.strip() else ():
        if len(each.addr_spec) > _LONGEST or not _ADDRESS.fullmatch(each.addr_spec):
            raise ValueError(
                f"{each.addr_spec or str(each)!r} is no mail address; write ann@example.org, bob@example.org"
            )
        found.setdefault(each.addr_spec.lower(), Mailbox(each.addr_spec, each.display_name))
    return tuple(found.values())
