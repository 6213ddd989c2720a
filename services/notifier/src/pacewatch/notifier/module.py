"""The notifier: the list of alerts, and one mail per alert and recipient. Read this first."""

from functools import partial
from pathlib import Path

from pacewatch.contracts.profiles import by_name
from pacewatch.kit.http.routing import service_router
from pacewatch.kit.module import Module, bind
from pacewatch.kit.settings import KitSettings, load
from pacewatch.notifier.alerts import endpoints as alerts
from pacewatch.notifier.deliveries import endpoints as deliveries
from pacewatch.notifier.deliveries.sender import run_sender
from pacewatch.notifier.handlers import HANDLERS
from pacewatch.notifier.mail.composer import Composer
from pacewatch.notifier.mail.smtp import MailServer
from pacewatch.notifier.settings import NotifierSettings

MIGRATIONS = Path(__file__).parents[3] / "migrations"


def create_module(settings: KitSettings) -> Module:
    """The service; ConfigurationError if an address or the mail server's settings are wrong."""
    own = load(NotifierSettings)
    profile = by_name(settings.profile)
    composer = Composer(profile, own.sender, own.public_url)
    server = MailServer.from_settings(own)
    router = service_router("notifier")
    alerts.add_routes(router, profile, own.recipients)
    deliveries.add_routes(router)
    return Module(
        name="notifier",
        migrations=MIGRATIONS,
        router=router,
        handlers=bind("notifier", HANDLERS, recipients=own.recipients),
        loops={"send": partial(run_sender, composer=composer, server=server)},
    )
