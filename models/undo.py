"""What a change can be taken back with: columns as they were, as a document."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter


def remembered(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """The values of these columns, as a document."""
    kind = type(row)
    return {
        name: _adapter(kind, name).dump_python(getattr(row, name), mode="json") for name in names
    }


def restored(kind: type[Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The values of columns of a model that a document was made of."""
    return {name: _adapter(kind, name).validate_python(value) for name, value in document.items()}


def _adapter(kind: Any, name: str) -> TypeAdapter[Any]:
    return TypeAdapter(kind.model_fields[name].annotation)
