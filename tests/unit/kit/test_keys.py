"""There is no default key, and processes that start together use the same one."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pacewatch.kit import keys
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.keys import KeySource

PROGRAM = """
import sys; from pathlib import Path; from pacewatch.kit.keys import KeySource, key_id
source = KeySource("token", "", "", Path(sys.argv[1]))
print(key_id(source.private().public_key()), *map(key_id, source.public_keys()))
"""


def source(folder: Path, private: str = "", public: str = "") -> KeySource:
    return KeySource("token", private, public, folder)


def test_processes_that_start_together_use_one_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "secrets")]
    programs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = {program.communicate(timeout=60)[0] for program in programs}
    assert len(outputs) == 1
    assert len(set(outputs.pop().split())) == 1


def test_racing_threads_create_one_key_and_leave_no_temporary_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: source(tmp_path).private().private_bytes_raw(), range(32)))
    assert len(set(found)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["token.key", "token.pub"]


def test_only_the_owner_can_read_the_private_key(tmp_path: Path) -> None:
    source(tmp_path / "new").private()
    assert (tmp_path / "new" / "token.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_verifying_service_needs_only_the_public_key(tmp_path: Path) -> None:
    private = source(tmp_path).private()
    (tmp_path / "token.key").unlink()
    public = (tmp_path / "token.pub").read_text()
    assert source(tmp_path).public_keys() == (private.public_key(),)
    assert source(tmp_path / "elsewhere", public=public).public_keys() == (private.public_key(),)
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_from_the_environment_overrides_the_folder(tmp_path: Path) -> None:
    source(tmp_path).private()
    given = Ed25519PrivateKey.generate()
    text = keys.to_base64(given.private_bytes_raw())
    assert source(tmp_path, private=text).private().private_bytes_raw() == given.private_bytes_raw()
    assert source(tmp_path, private=text).public_keys() == (given.public_key(),)


def test_a_new_private_key_replaces_the_old_public_key(tmp_path: Path) -> None:
    source(tmp_path).private()
    (tmp_path / "token.key").unlink()
    private = source(tmp_path).private()
    assert source(tmp_path).public_keys() == (private.public_key(),)


@pytest.mark.parametrize("text", ["short", "!!!!", "A" * 1_000, "ä"])
def test_an_invalid_key_is_an_error_that_does_not_show_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="token private key") as error:
        source(tmp_path, private=text).private()
    assert text not in str(error.value)


def halves() -> tuple[str, str]:
    private = Ed25519PrivateKey.generate()
    return keys.to_base64(private.private_bytes_raw()), keys.to_base64(private.public_key().public_bytes_raw())


def ids(source: KeySource) -> list[str]:
    return [keys.key_id(key) for key in source.public_keys()]


@pytest.mark.parametrize("between", [",", ", ", " ", "\n"])
def test_several_public_keys_are_accepted_from_setting_and_folder(tmp_path: Path, between: str) -> None:
    texts = [halves()[1] for _ in range(3)]
    given = source(tmp_path, public=between.join(texts))
    (tmp_path / "token.pub").write_text(between.join(texts) + "\n")
    assert len(set(ids(given))) == 3
    assert ids(source(tmp_path)) == ids(given)


def test_a_private_key_beside_several_public_keys_must_be_of_one_of_them(tmp_path: Path) -> None:
    (private, public), (_, other), (stranger, _) = halves(), halves(), halves()
    assert source(tmp_path, private, f"{other},{public}").private()
    with pytest.raises(ConfigurationError, match="the token private key is") as error:
        source(tmp_path, stranger, f"{other},{public}").private()
    assert all(one in str(error.value) for one in ids(source(tmp_path, public=f"{other},{public}")))
    assert stranger not in str(error.value)


def test_a_pair_of_files_that_do_not_belong_together_is_refused(tmp_path: Path) -> None:
    source(tmp_path).private()
    (tmp_path / "token.pub").write_text(halves()[1])
    with pytest.raises(ConfigurationError, match="token public keys"):
        source(tmp_path).private()
