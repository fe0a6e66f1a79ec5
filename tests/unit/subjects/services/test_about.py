from __future__ import annotations

import pytest

from release_gate.subjects.probes.contract import ProbeFailed, ProbeProblem
from release_gate.subjects.services.about import about, need
from release_gate.subjects.services.variables import hide_password
from support.probing import Asked, world

pytestmark = pytest.mark.unit


def test_a_driver_that_is_not_installed_is_named_with_its_extra() -> None:
    with pytest.raises(ProbeProblem) as caught:
        need("no_such_driver", "postgresql")
    assert caught.value.what == "no_such_driver is not installed"
    assert caught.value.remedy == 'Install it with "release-gate[postgresql]".'


def test_what_goes_wrong_keeps_all_that_it_said() -> None:
    with pytest.raises(ProbeFailed) as caught, about("DATABASE_URL"):
        raise ProbeFailed("refused", transient=True, detail=("one",), remedy="Start it.")
    error = caught.value
    assert (error.what, error.transient) == ("DATABASE_URL: refused", True)
    assert (error.detail, error.remedy) == (("one",), "Start it.")


@pytest.mark.parametrize(
    ("url", "hidden"),
    [
        ("redis://:a%40b@h", {"a%40b", "a@b"}),
        ("redis://h", set()),
        ("redis://[h", set()),
    ],
)
def test_a_password_is_hidden_as_written_and_as_meant(
    tmp_path_factory: pytest.TempPathFactory, url: str, hidden: set[str]
) -> None:
    asked = Asked()
    hide_password(url, world(tmp_path_factory.mktemp("w"), hide=asked.hidden.append))
    assert set(asked.hidden) == hidden
