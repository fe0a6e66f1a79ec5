"""Signatures by the key that git is configured with: OpenPGP (gpg) or SSH (ssh-keygen).

Settings: https://git-scm.com/docs/git-config (gpg.format, user.signingKey,
gpg.ssh.allowedSignersFile). Status lines of gpg: doc/DETAILS in its sources. SSH signatures:
PROTOCOL.sshsig of OpenSSH, with ``release-gate`` as their namespace.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from release_gate.adapters.child_environment import child_environment
from release_gate.adapters.git_commands import Git, GitFailed
from release_gate.errors import ToolMissing, ToolProblem
from release_gate.policy import same_person

NAMESPACE = "release-gate"
_DEADLINE_S = 60.0
_ADDRESS = re.compile(r"<(?P<email>[^<>]+)>")


class Signatures:
    """Signs and verifies with what git is configured with.

    Args:
        root: Folder whose git settings count.
        environment: The process environment as injected.
    """

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._git = Git(root, environment)
        self._environment = child_environment(environment, {"LC_ALL": "C"})

    @property
    def configured(self) -> bool:
        """Whether there is a key to sign with."""
        return bool(self._setting("user.signingKey"))

    def sign(self, payload: bytes) -> str:
        """An armoured signature.

        Raises:
            ToolMissing: If gpg or ssh-keygen is not there.
            ToolProblem: If it does not sign.
        """
        key = self._setting("user.signingKey")
        if self._ssh:
            with tempfile.TemporaryDirectory(prefix="release-gate-") as folder:
                named = self._key_file(key, Path(folder))
                command = ("ssh-keygen", "-Y", "sign", "-q", "-n", NAMESPACE, "-f", named)
                return self._must(command, payload)
        program = self._setting("gpg.program") or "gpg"
        return self._must((program, "--armor", "--detach-sign", "--local-user", key), payload)

    def doubt(self, payload: bytes, signature: str, who: str) -> str:
        """Why a signature does not prove that somebody wrote something; empty if it does.

        Args:
            payload: What was signed.
            signature: Armoured.
            who: Address of the person.
        """
        with tempfile.TemporaryDirectory(prefix="release-gate-") as folder:
            file = Path(folder, "signature")
            file.write_text(signature, encoding="utf-8")
            try:
                if signature.startswith("-----BEGIN SSH SIGNATURE-----"):
                    return self._ssh_doubt(payload, file, who)
                return self._gpg_doubt(payload, file, who)
            except ToolProblem as error:
                return f"its signature cannot be checked: {error.what}"

    def _ssh_doubt(self, payload: bytes, file: Path, who: str) -> str:
        allowed = self._setting("gpg.ssh.allowedSignersFile", "--type=path")
        if not allowed:
            return "its signature cannot be checked: gpg.ssh.allowedSignersFile is not set in git"
        verify = ("ssh-keygen", "-Y", "verify", "-f", allowed, "-I", who, "-n", NAMESPACE)
        done = self._run((*verify, "-s", str(file)), payload)
        return "" if done.returncode == 0 else f"its signature is not one of {who}"

    def _gpg_doubt(self, payload: bytes, file: Path, who: str) -> str:
        program = self._setting("gpg.program") or "gpg"
        done = self._run((program, "--status-fd", "1", "--verify", str(file), "-"), payload)
        status = done.stdout.decode("utf-8", "replace")
        if done.returncode or "[GNUPG:] VALIDSIG " not in status:
            return "its signature is not valid, or its key is not known here"
        named = _ADDRESS.findall(
            "\n".join(line for line in status.splitlines() if " GOODSIG " in line)
        )
        if not any(same_person(who, one) for one in named):
            return f"its signature is of {', '.join(named) or 'nobody known'}, not of {who}"
        return ""

    @property
    def _ssh(self) -> bool:
        return self._setting("gpg.format") == "ssh"

    def _key_file(self, key: str, folder: Path) -> str:
        if key.startswith(("key::", "ssh-")):
            file = folder / "key.pub"
            file.write_text(key.removeprefix("key::") + "\n", encoding="utf-8")
            return str(file)
        return self._setting("user.signingKey", "--type=path")

    def _setting(self, name: str, *options: str) -> str:
        try:
            return self._git.run("config", *options, "--get", name).decode().strip()
        except GitFailed:  # exactly when it is not set
            return ""

    def _must(self, command: Sequence[str], payload: bytes) -> str:
        done = self._run(command, payload)
        text = done.stdout.decode("ascii", "replace")
        if done.returncode or "-----BEGIN " not in text:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise ToolProblem(
                f"{command[0]} did not sign: {said[-1] if said else 'it said nothing'}",
                remedy="Mend the key that git is configured with, or pass --no-sign.",
            )
        return text

    def _run(self, command: Sequence[str], payload: bytes) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603 - a fixed program with arguments of ours
                command,
                input=payload,
                capture_output=True,
                env=self._environment,
                timeout=_DEADLINE_S,
                check=False,
            )
        except FileNotFoundError as error:
            raise ToolMissing(f"{command[0]} is not installed") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ToolProblem(f"{command[0]} cannot be used: {error}") from error
