"""The chosen environment, as gates see it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from release_gate.errors import ConfigError
from release_gate.plan.configuration import read_configuration
from release_gate.plan.decoding import begun
from release_gate.plan.deployment import deployment
from release_gate.ports import Deployment

pytestmark = pytest.mark.unit


def chosen(tmp_path: Path, toml: str, environment: Mapping[str, str] | None = None) -> Deployment:
    text = f"[environments.live]\n{textwrap.dedent(toml)}"
    (tmp_path / "release-gate.toml").write_text(text, "utf-8")
    found = deployment(read_configuration(tmp_path), "live", environment or {})
    assert found is not None
    return found


def test_everything_that_is_set_is_there(tmp_path: Path) -> None:
    found = chosen(
        tmp_path,
        """
        target = "https://app.example.com/"
        production = true
        allow-writes = true
        hosts = ["db", "10.0.0.0/8"]
        ca-file = "certs/ca.pem"
        proxy = "http://user:password@proxy:3128"
        """,
    )
    assert found == Deployment(
        name="live",
        target="https://app.example.com",
        production=True,
        allow_writes=True,
        hosts=("db", "10.0.0.0/8"),
        ca_file="certs/ca.pem",
        proxy="http://user:password@proxy:3128",
    )


def test_no_environment_is_no_deployment(tmp_path: Path) -> None:
    assert deployment(read_configuration(tmp_path), None, {}) is None


@pytest.mark.parametrize(
    ("environment", "target"),
    [({}, "http://a"), ({"URL": ""}, "http://a"), ({"URL": "http://b:81/x/"}, "http://b:81/x")],
)
def test_a_variable_comes_before_the_target(
    tmp_path: Path, environment: dict[str, str], target: str
) -> None:
    toml = 'target = "http://a"\ntarget-variable = "URL"'
    assert chosen(tmp_path, toml, environment).target == target


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('target = "app.example.com"', "must begin with http:// or https://"),
        ('target = "ftp://a"', "must begin with http:// or https://"),
        ('target = "http://"', "name a host"),
        ('target = "http://a:x"', "is no address"),
        ('target = "http://u:p@a"', "must hold no user and password"),
        ('target = "http://a/?b=c"', "must be a plain address"),
        ('proxy = "https://a"', "must begin with http://"),
        ('proxy = "http://a/b"', "must be a plain address"),
        ('ca-file = "/etc/ca.pem"', "is absolute"),
        ('ca-file = "../ca.pem"', "leads out of the root"),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"^release-gate.toml:2: .*{said}"):
        chosen(tmp_path, line)


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ("max is wrong", ("max",)),
        ("checks[1].expect[0].on is wrong", ("checks", 1, "expect", 0)),
        ("checks[7] is wrong", ("checks",)),
        ("checks[1].http.path is wrong", ("checks", 1, "http", "path")),
        ("nothing of it", ()),
        ("", ()),
    ],
)
def test_a_message_is_found_by_the_key_it_begins_with(
    message: str, path: tuple[str | int, ...]
) -> None:
    values = {
        "max": 1,
        "checks": [{}, {"expect": [{"name": "x"}], "http": {"path": "/"}}],
    }
    assert begun(message, values) == path
