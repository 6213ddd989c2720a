"""A mail inbox in the mailcatcher's manner, so that the demo's mails can be read without sending any to anybody."""

from .server import Inbox, run_inbox

__all__ = ["Inbox", "run_inbox"]
