"""The platform's own word for a type is true only of the type that the platform said."""

from typing import Any

from resolvers.change import Change
from resolvers.writing import Patch


async def forget_native_type(_: Change, row: Any, patch: Patch) -> None:
    """Clear the word of a row whose type is changed here."""
    if row is not None and patch.values.get("type", row.type) != row.type:
        patch.values["native_type"] = None
