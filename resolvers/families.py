"""The key of an experiment, which the iterations of its family share."""

from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import col

from models import Experiment, Family, Platform, Source
from models.arguments import FieldError
from models.errors import Taken
from models.rules import checkmango_key
from resolvers.change import Change
from resolvers.identity import shorten
from resolvers.writing import Patch, Told

SHARED = "Other iterations of the experiment have the key too, and the code asks for all by it."


async def free_key(change: Change, row: Any, patch: Patch) -> None:
    """A check: a key that no experiment of the source has, unless all that had it are deleted.

    Those who write keys of one source wait for each other.
    """
    key = patch.values.get("key")
    if key is None or (row is not None and key == row.key):
        return
    if patch.source.platform is Platform.CHECKMANGO and (error := checkmango_key(("key",), key)):
        patch.wrong.append(error)
        return
    lock = {"key_share": True}
    await change.session.get_one(Source, patch.source.id, with_for_update=lock)
    if row is not None and await _count(change, col(Experiment.family_id) == row.family_id) > 1:
        patch.wrong.append(FieldError(("key",), SHARED, "locked"))
    elif await _is_taken(change, row, patch.source.id, key):
        message = f"The key {shorten(key)} has already been taken."
        patch.reasons.append(Taken(message=message, path=("key",), field="key", value=key))
    elif row is None:
        patch.values |= await _place(change, patch.source.id, key)


async def rename_family(change: Change, row: Any, patch: Patch) -> tuple[Told, Told]:
    """A write: the family of an only iteration is called as that is."""
    if "key" in patch.values:
        family = await change.session.get_one(Family, row.family_id)
        family.key = patch.values["key"]
        await change.session.flush()
    return {}, {}


async def _is_taken(change: Change, row: Any, source_id: int, key: str) -> bool:
    """Whether others have the key: a new experiment may follow deleted ones, as the next iteration.

    One that is there already may not: it is an iteration of another family.
    """
    named = select(col(Family.id)).where(col(Family.source_id) == source_id, col(Family.key) == key)
    in_family = col(Experiment.family_id).in_(named)
    if row is not None:
        return await change.session.scalar(named) is not None
    called = (col(Experiment.source_id) == source_id) & (col(Experiment.key) == key)
    live = col(Experiment.deleted_at).is_(None)
    return await _count(change, live & or_(called, in_family)) > 0


async def _place(change: Change, source_id: int, key: str) -> dict[str, int]:
    """The family of a key, made if there is none, and the number of its next iteration."""
    family = await change.session.scalar(
        select(Family).where(col(Family.source_id) == source_id, col(Family.key) == key)
    )
    if family is None:
        family = Family(source_id=source_id, key=key)
        change.session.add(family)
        await change.session.flush()
    last = await change.session.scalar(
        select(func.max(col(Experiment.iteration))).where(col(Experiment.family_id) == family.id)
    )
    return {"family_id": family.id, "iteration": (last or 0) + 1}


async def _count(change: Change, condition: Any) -> int:
    counted = select(func.count()).select_from(Experiment).where(condition)
    return await change.session.scalar(counted) or 0
