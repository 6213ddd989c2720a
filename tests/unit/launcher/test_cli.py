"""The names of the commands, and the former names that still work."""

from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from pacewatch.kit import keys
from pacewatch.kit.keys import KeySource
from pacewatch.launcher.cli import app


def commands(*path: str) -> TyperGroup:
    """The group of commands at `path`."""
    group = typer.main.get_command(app)
    for name in path:
        assert isinstance(group, TyperGroup)
        group = group.commands[name]
    assert isinstance(group, TyperGroup)
    return group


@pytest.mark.parametrize(
    ("path", "former", "current"),
    [
        ((), "replay", "verify-scores"),
        ((), "inbox", "mailcatcher"),
        (("dead-letters",), "replay", "redeliver"),
    ],
)
def test_a_former_command_name_is_accepted_and_not_listed(path: tuple[str, ...], former: str, current: str) -> None:
    group = commands(*path)
    assert (group.commands[former].hidden, group.commands[current].hidden) == (True, False)
    former_options, current_options = ([one.opts for one in group.commands[name].params] for name in (former, current))
    assert former_options == current_options


@pytest.mark.parametrize("command", ["verify-scores", "replay"])
def test_scores_are_verified_up_to_a_valid_time_only(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--as-of", "yesterday"])
    assert result.exit_code == 2
    assert "2026-01-31" in result.output


def test_the_demo_accepts_the_former_name_of_its_mail_port() -> None:
    (port,) = [one for one in commands().commands["demo"].params if one.name == "mailcatcher_port"]
    assert (port.opts, port.envvar) == (["--mailcatcher-port", "--inbox-port"], ["MAILCATCHER_PORT", "INBOX_PORT"])


@pytest.mark.parametrize(
    ("arguments", "mistake"),
    [
        (["serve", "--target", "injest"], "there is no 'injest'; there are: all, ingest"),
        (["migrate", "--target", "injest"], "there is no 'injest'; there are: all, ingest"),
        (["demo", "--profile", "kettle"], "PROFILE=kettle: the demo shows pacemaker or machine"),
        (["demo", "--profile", "machine", "--data", "nowhere"], "there is no PdM_daily.parquet or .csv in"),
        (["demo", "--data", "nowhere"], "DATA is the folder of recorded machines"),
    ],
)
def test_a_mistake_is_named_before_anything_starts(arguments: list[str], mistake: str, tmp_path: Path) -> None:
    """The environment has no settings at all, which is not what the message is about."""
    folder = tmp_path / "state"
    ports = ["--folder", str(folder), "--port", "0", "--mailcatcher-port", "0"] if arguments[0] == "demo" else []
    result = CliRunner().invoke(app, [*arguments, *ports], env={"COLUMNS": "200", "PACEWATCH_DATABASE_URL": None})
    assert result.exit_code != 0
    assert mistake in result.output
    assert not folder.exists()


def test_every_command_has_a_help_text() -> None:
    assert [name for name, command in commands().commands.items() if not command.help] == []


def test_the_ids_of_the_keys_in_use_are_shown_and_no_key_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SECRETS_DIR": str(tmp_path), "DATABASE_URL": "postgresql://nobody@localhost/nothing"}.items():
        monkeypatch.setenv(f"PACEWATCH_{name}", value)

    def shown() -> list[str]:
        return CliRunner().invoke(app, ["keys", "--show"]).output.splitlines()

    nothing = "signs with none here, trusts none yet"
    assert shown() == [f"token: {nothing}", f"artifact: {nothing}"]
    assert list(tmp_path.iterdir()) == []
    token = keys.key_id(KeySource("token", "", "", tmp_path).private().public_key())
    assert shown()[0] == f"token: signs with {token}, trusts {token}"
    other = CliRunner().invoke(app, ["keys"]).output.splitlines()
    monkeypatch.setenv("PACEWATCH_TOKEN_PUBLIC_KEY", ",".join([(tmp_path / "token.pub").read_text(), public(other)]))
    assert shown()[0] == f"token: signs with {token}, trusts {token}, {other[0].removeprefix('# key ')}"


def public(lines: list[str]) -> str:
    """The public key of tokens among printed ones."""
    return next(line for line in lines if "TOKEN_PUBLIC" in line).partition("=")[2]
