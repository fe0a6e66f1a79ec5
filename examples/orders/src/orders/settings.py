"""What the service is told from outside: environment first, shipped defaults second."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

SHIPPED_DEFAULTS = Path(__file__).with_name("settings.toml")


class Settings(BaseSettings):
    """Settings of one running service.

    ``database_url_migrations`` may point at the same server on another port,
    past the connection pooler; without it migrations use ``database_url``.
    ``admin_key_digests`` maps the id of an administrator's key to the SHA-256
    digest of the key, so that the keys themselves are stored nowhere.
    """

    model_config = SettingsConfigDict(
        toml_file=SHIPPED_DEFAULTS, extra="ignore", frozen=True, case_sensitive=False
    )

    environment: Literal["development", "staging", "production"]
    database_url: str
    database_url_migrations: str | None = None
    admin_key_digests: dict[str, str] = Field(default_factory=dict)
    page_size_default: int = Field(ge=1)
    page_size_cap: int = Field(ge=1)
    body_limit: int = Field(ge=1024)
    stalled_after: int = Field(ge=1)

    @property
    def migrations_url(self) -> str:
        """The URL that Alembic connects to."""
        return self.database_url_migrations or self.database_url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the shipped file; no dotenv, no secrets folder."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**overrides: object) -> Settings:
    """The settings that the environment asks for; ``overrides`` win over it."""
    return Settings.model_validate(overrides)
