"""Feature flags: the switch behind an experiment (PostHog, Auth0)."""

from typing import Any

from models.base import Sourced, document, text


class FeatureFlag(Sourced, table=True):
    """A flag that serves an experiment's variants."""

    NATURAL_KEY = ("key",)

    key: str = text(index=True, nullable=False)
    name: str | None = text()
    description: str | None = text()
    native_type: str | None = text()
    native_state: str | None = text()
    active: bool | None = None
    archived: bool = False
    filters: dict[str, Any] | None = document()
    parameters: dict[str, Any] | None = document()
    variations: list[Any] | None = document()
