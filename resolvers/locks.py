"""What an update would change although it may not change now: every such field, with its reason."""

from collections.abc import AsyncIterator
from typing import Any

from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from models import Experiment, Variant
from models.arguments import FieldError
from models.editing import NUMBER, why_locked
from models.errors import Refusal, ValidationFailed
from resolvers.change import Change
from resolvers.event import differ
from resolvers.linking import links_differ
from resolvers.writing import Links, Noun, Patch, Reference


async def refuse_locked(change: Change, noun: Noun, row: Experiment, patch: Patch) -> None:
    """Add every field of the patch that the experiment's platform locks now.

    What is said again as it is, is no change.
    """
    async for field in changed_fields(change, noun, row, patch):
        empty = getattr(row, f"{field}_id", ...) is None
        why = why_locked(row, field, empty=empty)
        path = tuple(to_camel_case(part) for part in field.split("."))
        patch.wrong += [_error(path, why)] if why else []


async def refuse_locked_variant(
    change: Change, noun: Noun, row: Experiment, variant: Variant, patch: Patch
) -> None:
    """Add every field of a variant that its experiment's platform locks now."""
    async for field in changed_fields(change, noun, variant, patch):
        why = why_locked(row, f"variants.{field}")
        patch.wrong += [_error((to_camel_case(field),), why)] if why else []


def require_number_free(row: Experiment, path: str) -> None:
    """Raises a Refusal where no variant may be added or taken away."""
    why = why_locked(row, NUMBER)
    if why:
        raise Refusal(ValidationFailed.of(_error((path,), why)))


async def changed_fields(change: Change, noun: Noun, row: Any, patch: Patch) -> AsyncIterator[str]:
    """The fields that the patch would change, as the tables of locks call them."""
    for name, kind in noun.fields.items():
        if getattr(patch.given, name, UNSET) is UNSET:
            continue
        if isinstance(kind, Links):
            wanted = patch.links.get(name)
            if wanted is None or await links_differ(change, kind, row, wanted):
                yield name
        else:
            column = f"{name}_id" if isinstance(kind, Reference) else name
            if column not in patch.values or differ(getattr(row, column), patch.values[column]):
                yield name
    if "allocations" in patch.parts:
        yield "allocations"
    for name in patch.parts.get("details", ()):
        yield name


def _error(path: tuple[str, ...], why: str) -> FieldError:
    return FieldError(path, f"{path[-1]} cannot be changed now. {why}", "locked")
