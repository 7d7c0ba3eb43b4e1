"""Segments: groups of units by attribute or rule."""

from typing import Any

from models.base import Sourced, document, text


class Segment(Sourced, table=True):
    """A group of units, by one attribute (ABsmartly) or by rules (Auth0)."""

    name: str = text(index=True, nullable=False)
    description: str | None = text()
    value_source_attribute: str | None = text()
    native_type: str | None = text()
    rules: list[Any] | None = document()
    archived: bool = False
