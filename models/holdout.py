"""Holdouts: units kept out of a set of experiments."""

from typing import Any

from models.base import Sourced, document, text


class Holdout(Sourced, table=True):
    """A share of units that several experiments leave alone."""

    name: str = text(index=True, nullable=False)
    description: str | None = text()
    filters: list[Any] | None = document()
    exclusion_percentage: float | None = None
