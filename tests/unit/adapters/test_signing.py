"""Signatures by real ssh-keygen and gpg, with keys made for the test."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from release_gate.adapters.signing import Signatures
from release_gate.errors import ToolMissing, ToolProblem

pytestmark = pytest.mark.unit

WHO = "ann@example.com"
PAYLOAD = b'{"item": "review"}\n'
needs_ssh = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not here")
needs_gpg = pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not here")


class Place:
    """A repository with git settings of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GNUPGHOME": str(folder / "g"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        self.run("git", "init", "--quiet")

    def run(self, *command: str) -> None:
        subprocess.run(
            command, cwd=self.root, env=self.environment, check=True, capture_output=True
        )

    def set(self, name: str, value: str) -> None:
        self.run("git", "config", name, value)

    @property
    def signatures(self) -> Signatures:
        return Signatures(self.root, self.environment)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def ssh(place: Place) -> Place:
    key = place.root / "key"
    place.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    allowed = place.root / "allowed"
    allowed.write_text(f"{WHO} {key.with_suffix('.pub').read_text()}")
    place.set("gpg.format", "ssh")
    place.set("user.signingKey", str(key))
    place.set("gpg.ssh.allowedSignersFile", str(allowed))
    return place


@pytest.fixture
def gpg(place: Place) -> Iterator[Place]:
    Path(place.environment["GNUPGHOME"]).mkdir(mode=0o700)
    identity = f"Ann <{WHO}>"
    quick = ("gpg", "--batch", "--passphrase", "", "--quick-generate-key", identity)
    place.run(*quick, "ed25519", "sign", "never")
    place.set("user.signingKey", WHO)
    home = place.environment["GNUPGHOME"]
    yield place
    place.environment["GNUPGHOME"] = home
    place.run("gpgconf", "--kill", "gpg-agent")  # the agent that made the key would stay


def test_without_a_key_nothing_is_configured(place: Place) -> None:
    assert not place.signatures.configured


@needs_ssh
def test_an_ssh_signature_proves_the_person_whose_key_is_allowed(ssh: Place) -> None:
    assert ssh.signatures.configured
    signature = ssh.signatures.sign(PAYLOAD)
    assert ssh.signatures.doubt(PAYLOAD, signature, WHO) == ""


@needs_ssh
def test_an_ssh_signature_proves_no_other_text_person_or_purpose(ssh: Place) -> None:
    signature = ssh.signatures.sign(PAYLOAD)
    assert "not one of ann" in ssh.signatures.doubt(PAYLOAD + b"x", signature, WHO)
    assert "not one of eve" in ssh.signatures.doubt(PAYLOAD, signature, "eve@example.com")
    command = ("ssh-keygen", "-Y", "sign", "-q", "-n", "git", "-f", str(ssh.root / "key"))
    other = subprocess.run(
        command, input=PAYLOAD, capture_output=True, check=True, env=ssh.environment
    )
    assert "not one of" in ssh.signatures.doubt(PAYLOAD, other.stdout.decode(), WHO)


@needs_ssh
def test_without_a_list_of_allowed_signers_nothing_is_proven(ssh: Place) -> None:
    signature = ssh.signatures.sign(PAYLOAD)
    ssh.run("git", "config", "--unset", "gpg.ssh.allowedSignersFile")
    assert "allowedSignersFile is not set" in ssh.signatures.doubt(PAYLOAD, signature, WHO)


@needs_ssh
def test_a_key_that_is_not_there_is_said_to_be_so(ssh: Place) -> None:
    ssh.set("user.signingKey", str(ssh.root / "nowhere"))
    with pytest.raises(ToolProblem, match="ssh-keygen did not sign"):
        ssh.signatures.sign(PAYLOAD)


@needs_gpg
def test_an_openpgp_signature_proves_the_person_whose_key_it_is(gpg: Place) -> None:
    signature = gpg.signatures.sign(PAYLOAD)
    assert signature.startswith("-----BEGIN PGP SIGNATURE-----")
    assert gpg.signatures.doubt(PAYLOAD, signature, WHO) == ""
    assert "not valid" in gpg.signatures.doubt(PAYLOAD + b"x", signature, WHO)
    said = gpg.signatures.doubt(PAYLOAD, signature, "eve@example.com")
    assert said == "its signature is of ann@example.com, not of eve@example.com"


@needs_gpg
def test_an_openpgp_signature_of_an_unknown_key_proves_nothing(gpg: Place) -> None:
    signature = gpg.signatures.sign(PAYLOAD)
    empty = gpg.root / "e"
    empty.mkdir(mode=0o700)
    gpg.environment["GNUPGHOME"] = str(empty)
    assert "its key is not known here" in gpg.signatures.doubt(PAYLOAD, signature, WHO)


@pytest.mark.parametrize("signature", ["x", "-----BEGIN SSH SIGNATURE-----\nrubbish\n"])
def test_rubbish_is_no_proof(place: Place, signature: str) -> None:
    assert place.signatures.doubt(PAYLOAD, signature, WHO) != ""


def test_a_program_that_is_missing_is_named(place: Place) -> None:
    place.set("user.signingKey", WHO)
    place.set("gpg.program", str(place.root / "nowhere"))
    with pytest.raises(ToolMissing, match="is not installed"):
        place.signatures.sign(PAYLOAD)
    assert "cannot be checked" in place.signatures.doubt(PAYLOAD, "x", WHO)
