"""Settings from environment variables, ``.env`` and ``/run/secrets``.

The first underscore of a variable separates the group from the field:
``DATABASE_POOL_SIZE`` is ``settings.database.pool_size``. A file of that name in
``/run/secrets`` (secrets of containers) is used unless the variable is set.
"""

from collections.abc import Iterator
from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from app.core.settings.app import AppSettings

SettingsT = TypeVar("SettingsT", bound=BaseSettings)


class EnvironmentSettings(BaseSettings):
    """Base of the settings of a service; immutable."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        secrets_dir="/run/secrets",
        secrets_dir_missing="ok",
    )

    app: AppSettings = AppSettings()

    def insecure(self) -> Iterator[str]:
        """Yield what is insecure because of settings of several groups."""
        yield from ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources of settings, by priority."""
        files = NestedSecretsSettingsSource(file_secret_settings)
        return init_settings, env_settings, dotenv_settings, files


def load(settings: type[SettingsT]) -> SettingsT:
    """Load the settings, or end the process with a list of all errors."""
    try:
        return settings()
    except ValidationError as error:
        raise SystemExit(describe(error)) from None
    except SettingsError as error:
        raise SystemExit(f"The settings are not valid:\n  {error}") from None


def describe(error: ValidationError) -> str:
    """Return a line for each invalid setting, without its value."""
    lines = (
        f"  {'_'.join(map(str, item['loc'][:2])).upper()}: {_message(item['msg'])}"
        for item in error.errors(include_input=False, include_url=False)
    )
    return "\n".join(["The settings are not valid:", *sorted(lines)])


def _message(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Field required", "is missing")
