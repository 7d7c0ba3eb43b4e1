"""What refusals name: rows of any type, as far as the viewer may see them."""

from collections.abc import Sequence
from typing import Any

from models.errors import InUse
from resolvers.access import visible
from resolvers.context import Context
from resolvers.identity import NODES
from resolvers.keys import keyed_by


async def named_by(context: Context, refusals: Sequence[InUse]) -> Sequence[list[Any]]:
    """The rows that stand in the way of each deletion; one statement for each type."""
    wanted = {pair for refusal in refusals for pair in refusal.by}
    found: dict[tuple[str, int], Any] = {}
    for name in sorted({name for name, _ in wanted}):
        model: Any = NODES[name]
        numbers = [number for kind, number in wanted if kind == name]
        statement = visible(model, context.viewer).where(keyed_by(model.id, numbers))
        async with context.database.read() as session:
            found |= {(name, row.id): row for row in await session.scalars(statement)}
    return [[found[pair] for pair in refusal.by if pair in found] for refusal in refusals]
