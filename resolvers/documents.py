"""JSON that a column keeps as text, as the platforms do."""

import json
from typing import Any

from models.rules import json_rule
from resolvers.event import differ
from resolvers.writing import Patch, Value


def json_text(value: Any) -> str:
    """The text of a document; a text is taken for JSON already."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


JSON_TEXT = Value(json_rule(), stored=json_text)
"""A column of text that takes a document, or its text."""


def keep_equal(row: Any, patch: Patch, *names: str) -> None:
    """Leave a text as it is where the patch holds another spelling of the same document."""
    for name in names:
        said = patch.values.get(name)
        there = getattr(row, name, None)
        if said is not None and there is not None and not differ([_read(there)], [_read(said)]):
            patch.values[name] = there


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
