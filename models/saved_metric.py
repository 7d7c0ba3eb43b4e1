"""Saved metrics: definitions shared between experiments (PostHog)."""

from typing import Any

from models.base import Sourced, document, text


class SavedMetric(Sourced, table=True):
    """A metric definition that several experiments use."""

    name: str = text(index=True, nullable=False)
    description: str | None = text()
    query: dict[str, Any] | None = document()
    tags: list[str] | None = document()
