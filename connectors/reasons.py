"""Typed reasons as documents, for the time between a refusal and who asks for it."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from models import errors
from models.errors import UserError


def document_of(reason: UserError) -> dict[str, Any]:
    """A reason as a document."""
    name = type(reason).__name__
    return {"type": name, "facts": _adapter(name).dump_python(reason, mode="json")}


def reason_of(document: dict[str, Any]) -> UserError:
    """The reason that a document was made of."""
    reason: UserError = _adapter(document["type"]).validate_python(document["facts"])
    return reason


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(getattr(errors, name))
