"""What a change can be taken back with: columns as they were, as a document."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from models.experiment import Experiment


def remembered(row: Experiment, names: Iterable[str]) -> dict[str, Any]:
    """The values of these columns, as a document."""
    return {name: _adapter(name).dump_python(getattr(row, name), mode="json") for name in names}


def restored(document: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a document was made of."""
    return {name: _adapter(name).validate_python(value) for name, value in document.items()}


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    kind: Any = Experiment.model_fields[name].annotation
    return TypeAdapter(kind)
