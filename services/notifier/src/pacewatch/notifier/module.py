"""Notifier: one mail per alert and recipient, and the list of alerts people work from."""

from functools import partial
from pathlib import Path

from pacewatch.contracts.profiles import by_name
from pacewatch.kit.module import Module, bind
from pacewatch.kit.settings import KitSettings, load
from pacewatch.notifier.alerts.endpoints import create_router
from pacewatch.notifier.deliveries import sender
from pacewatch.notifier.handlers import HANDLERS
from pacewatch.notifier.mail.composer import Composer
from pacewatch.notifier.mail.smtp import MailServer
from pacewatch.notifier.settings import NotifierSettings

MIGRATIONS = Path(__file__).parents[3] / "migrations"


def create_module(settings: KitSettings) -> Module:
    """The notifier; ConfigurationError if an address or the mail server's settings are wrong."""
    own = load(NotifierSettings)
    profile = by_name(settings.profile)
    composer = Composer(profile, own.sender, own.public_url)
    server = MailServer.from_settings(own)
    return Module(
        name="notifier",
        migrations=MIGRATIONS,
        router=create_router(profile, own.recipients),
        handlers=bind("notifier", HANDLERS, recipients=own.recipients),
        loops={"send": partial(sender.run, composer=composer, server=server)},
    )
