"""What a saved metric is tagged with, and what can be written of it."""

from typing import Any

from models import SavedMetric
from models.metric_query import METRIC_QUERY
from models.rules import brief_text, json_rule, name_text, words
from resolvers.writing import Noun, Value


def tags(row: SavedMetric) -> list[str]:
    """The words put on it; what is no word is left out."""
    said: list[Any] = row.tags or []
    return [tag for tag in said if isinstance(tag, str)]


SAVED_METRIC = Noun(
    model=SavedMetric,
    fields={
        "name": Value(name_text),
        "description": Value(brief_text),
        "query": Value(json_rule(dict), METRIC_QUERY, required=True),
        "tags": Value(words),
    },
    folded=True,
)
