"""`.env.example`: every setting of the platform."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.modules import TARGETS
from pacewatch.launcher.runtime.start_state import StartSettings


def env_example() -> Iterator[str]:
    """The lines of the file: every variable with its meaning and its default."""
    yield "# Every variable that Pacewatch reads. Copy this file to .env and fill in the variables without a default."
    for title, kind in settings_classes().items():
        yield f"\n# -- {title}"
        prefix = kind.model_config.get("env_prefix", "")
        for name, field in kind.model_fields.items():
            default = "" if field.is_required() else _as_text(field.get_default(call_default_factory=True))
            yield f"# {field.description or name}"
            yield f"{'' if field.is_required() else '# '}{prefix}{name.upper()}={default}"
    yield "\n# -- commands that talk to a running platform"
    yield "# an access token or API key\n# PACEWATCH_TOKEN="
    yield "# or the password of the account given by --email\n# PACEWATCH_PASSWORD="


def settings_classes() -> Mapping[str, type[BaseSettings]]:
    """The settings class of the platform and of each service that has one."""
    found: dict[str, type[BaseSettings]] = {"every process": KitSettings, "start state, of --target all": StartSettings}
    for target, module_path in TARGETS.items():
        module_name = module_path.replace(".module", ".settings")
        try:
            module = import_module(module_name)
        except ModuleNotFoundError:
            continue
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, BaseSettings) and value.__module__ == module_name:
                found[target] = value
    return found


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)
