"""What a saved metric is tagged with."""

from typing import Any

from models import SavedMetric


def tags(row: SavedMetric) -> list[str]:
    """The words put on it; what is no word is left out."""
    said: list[Any] = row.tags or []
    return [tag for tag in said if isinstance(tag, str)]
