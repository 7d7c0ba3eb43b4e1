"""What can be set from outside: environment variables that begin with TRIALGRAPH_."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from models.engines import parse
from models.errors import DatabaseUnavailable
from resolvers import bounds
from resolvers.paging import LARGEST_PAGE

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "TRIALGRAPH_"
SHORTEST_KEY = 16


class InvalidSettings(Exception):
    """Variables have values that cannot be used; the message has one line for each of them."""


def _usable(url: str) -> str:
    try:
        parse(url)
    except DatabaseUnavailable as error:
        raise ValueError(error.message) from error
    return url


def _long(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value().strip()) < SHORTEST_KEY:
        raise ValueError(f"it must have {SHORTEST_KEY} characters or more")
    return key


def _readable(url: str) -> str:
    parts = urlsplit(url)
    if not (parts.netloc if parts.scheme in {"http", "https"} else parts.scheme == "file"):
        raise ValueError("write https://… or file:///…")
    return url


def _listed(text: object) -> object:
    """The values of a variable that holds several, with commas between them."""
    return tuple(part.strip() for part in text.split(",")) if isinstance(text, str) else text


ORIGIN = re.compile(r"https?://([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?", re.ASCII)


def _origins(listed: tuple[str, ...]) -> tuple[str, ...]:
    """As browsers write them, who compare them letter by letter."""
    origins = tuple(origin.lower() for origin in listed)
    if not all(map(ORIGIN.fullmatch, origins)):
        raise ValueError("write https://host or http://host:port, with commas between several")
    return origins


class Settings(BaseSettings):
    """One attribute for each variable: `settings.port` is TRIALGRAPH_PORT, or else 8000."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    environment: Annotated[Literal["development", "production"], BeforeValidator(str.lower)] = (
        "development"
    )
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    allowed_origins: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_origins)
    ] = ()
    status_codes: Literal["legacy", "2026"] = "legacy"
    trusted_documents: Path | None = None
    database_url: Annotated[str, AfterValidator(_usable)] = "sqlite:///trialgraph.db"

    bootstrap_key: Annotated[SecretStr, AfterValidator(_long)] | None = None
    jwks_url: Annotated[str, AfterValidator(_readable)] | None = None
    jwt_issuer: str | None = None
    jwt_audience: str | None = None
    jwt_teams_claim: str = "teams"

    schedule_seconds: Annotated[float, Field(ge=0.05, le=3600)] = 1.0
    secrets_file: Path | None = None
    delivery_seconds: Annotated[float, Field(ge=0, le=60)] = 10.0
    sync_seconds: Annotated[float, Field(ge=0)] = 300.0

    keep_alive_seconds: Annotated[float, Field(ge=0.1, le=60)] = 12.0
    max_streams: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    max_subscriptions: Annotated[int, Field(ge=1, le=10_000)] = 100
    drain_seconds: Annotated[float, Field(ge=0, le=300)] = 0.0
    shutdown_seconds: Annotated[int, Field(ge=0, le=300)] = 10

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)
    ] = "info"
    log_format: Annotated[Literal["auto", "console", "json"], BeforeValidator(str.lower)] = "auto"

    max_body_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 1024 * 1024
    max_tokens: Annotated[int, Field(ge=100, le=1_000_000)] = 5_000
    max_depth: Annotated[int, Field(ge=3, le=100)] = 30
    max_aliases: Annotated[int, Field(ge=0, le=10_000)] = 100
    max_root_fields: Annotated[int, Field(ge=1, le=10_000)] = 50
    max_fields: Annotated[int, Field(ge=100, le=100_000)] = 1_000
    max_directives: Annotated[int, Field(ge=0, le=10_000)] = 100
    max_field_directives: Annotated[int, Field(ge=1, le=1_000)] = 5
    max_definitions: Annotated[int, Field(ge=1, le=10_000)] = 200
    max_document_characters: Annotated[int, Field(ge=1_000)] = 100_000
    max_literals: Annotated[int, Field(ge=10)] = 1_000
    max_comparisons: Annotated[int, Field(ge=1_000)] = 25_000
    max_variables: Annotated[int, Field(ge=1, le=10_000)] = 100
    max_variable_values: Annotated[int, Field(ge=100)] = 20_000
    max_variable_depth: Annotated[int, Field(ge=5, le=1_000)] = 64
    max_page: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = LARGEST_PAGE
    max_where_depth: Annotated[int, Field(ge=1, le=bounds.DEEPEST)] = bounds.DEEPEST
    max_where_edges: Annotated[int, Field(ge=0, le=bounds.MOST_EDGES)] = bounds.MOST_EDGES
    max_where_conditions: Annotated[int, Field(ge=1, le=bounds.MOST_CONDITIONS)] = (
        bounds.MOST_CONDITIONS
    )
    max_where_values: Annotated[int, Field(ge=1, le=bounds.MOST_VALUES)] = bounds.MOST_VALUES
    max_order_fields: Annotated[int, Field(ge=1, le=bounds.MOST_ORDERS)] = bounds.MOST_ORDERS
    max_cost: Annotated[int, Field(ge=10)] = 25_000
    max_running: Annotated[int, Field(ge=1)] = 100
    max_running_by_caller: Annotated[int, Field(ge=1)] = 50
    body_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 10.0
    query_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 30.0
    rate_limit: Annotated[
        int | None,
        Field(
            ge=10,
            description="Points a minute for each caller. Processes tell each other about once a "
            "second what was used, so n of them may together let in n times what is left, in a "
            "burst that is shorter than that; it is paid back before anything else is let in.",
        ),
    ] = None
    show_cost: bool = True
    executor: Annotated[Literal["breadth", "reference"], BeforeValidator(str.lower)] = "breadth"

    @model_validator(mode="after")
    def _whose_tokens(self) -> Self:
        """Keys alone say neither who made a token nor for whom: another service's would do."""
        if self.jwks_url and not (self.jwt_issuer and self.jwt_audience):
            raise ValueError(
                f"{PREFIX}JWKS_URL cannot be used: it takes {PREFIX}JWT_ISSUER and "
                f"{PREFIX}JWT_AUDIENCE too."
            )
        return self

    @property
    def is_production(self) -> bool:
        """Whether strangers read what we answer and machines read what we log."""
        return self.environment == "production"

    @property
    def points_a_minute(self) -> int:
        """What each caller may spend: as set, or else what only production makes anybody feel."""
        return self.rate_limit or (1_000_000 if self.is_production else 1_000_000_000)

    @property
    def logs_json(self) -> bool:
        """Whether a log line is JSON: as set, or else in production only."""
        return self.log_format == "json" or (self.log_format == "auto" and self.is_production)


def load() -> Settings:
    """The settings of this process. Raises InvalidSettings, naming each variable and its value."""
    try:
        return Settings()
    except ValidationError as error:
        raise InvalidSettings("\n".join(map(_line, error.errors()))) from None


def _line(problem: "ErrorDetails") -> str:
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    name = PREFIX + str(problem["loc"][0]).upper()
    # A URL may hold a password, which the message of its check leaves out; a key is one.
    given = "" if name.endswith(("_URL", "_KEY")) else f"={problem['input']}"
    return f"{name}{given} cannot be used: {message[0].lower()}{message[1:]}"
