"""Settings: environment first, shipped defaults second."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from orders import __version__
from orders.settings import load_settings

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def test_the_version_is_the_project_s() -> None:
    assert tomllib.loads(PROJECT.read_text())["project"]["version"] == __version__


def test_defaults_are_shipped() -> None:
    settings = load_settings()
    assert settings.environment == "development"
    assert (settings.page_size_default, settings.page_size_cap) == (50, 100)


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("ADMIN_KEY_DIGESTS", '{"ops-2": "00ff"}')
    settings = load_settings()
    assert settings.environment == "production"
    assert settings.admin_key_digests == {"ops-2": "00ff"}


def test_migrations_may_have_their_own_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://db.test:6432/orders")
    assert load_settings().migrations_url == "postgresql+asyncpg://db.test:6432/orders"
    monkeypatch.setenv("DATABASE_URL_MIGRATIONS", "postgresql+asyncpg://db.test:5432/orders")
    assert load_settings().migrations_url == "postgresql+asyncpg://db.test:5432/orders"


def test_an_unknown_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "moon")
    with pytest.raises(ValidationError, match="environment"):
        load_settings()
