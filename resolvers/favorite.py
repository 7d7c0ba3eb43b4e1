"""Favourites: who follows which experiment."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from models import Experiment, Favorite, User
from models.arguments import FieldError
from models.errors import Forbidden, Refusal, ValidationFailed
from resolvers.change import Change
from resolvers.identity import decode_as, encode
from resolvers.outcome import Outcome
from resolvers.scopes import ADMIN, write_scope


async def set_favorite(change: Change, given: Any) -> Outcome:
    """Let a user follow an experiment, or no longer."""
    change.viewer.require(write_scope(Favorite))
    experiment = await change.find(Experiment, given.experiment, "experiment")
    user_id = await _user(change, given.user)
    there = await change.session.get(Favorite, (experiment.id, user_id))
    event_id = None
    if given.favorite is not (there is not None):
        await _write(change, experiment, user_id, there)
        event_id = await _tell(change, experiment, user_id, wanted=given.favorite)
    return Outcome(row_id=user_id, experiment_id=experiment.id, event_id=event_id)


async def _user(change: Change, named: Any) -> int:
    """Whose mark it is: the viewer's own; a key without a user, and an admin, may say another."""
    own = change.viewer.user_id
    wanted = decode_as(User, named) if named else own
    if wanted is None:
        message = "Your key has no user: say whose favourite it is."
        raise Refusal(ValidationFailed.of(FieldError(("user",), message, "required")))
    if wanted == own:
        return wanted
    if own is not None and change.viewer.lacks(ADMIN):
        message = "Only an admin sets the favourites of others."
        raise Refusal(Forbidden(message=message, path=("user",), scope=ADMIN))
    return (await change.find(User, named, "user")).id


async def _write(
    change: Change, experiment: Experiment, user_id: int, there: Favorite | None
) -> None:
    if there is not None:
        await change.session.delete(there)
    else:
        last = select(func.max(Favorite.position)).where(
            col(Favorite.experiment_id) == experiment.id
        )
        behind = await change.session.scalar(last)
        change.session.add(
            Favorite(
                experiment_id=experiment.id,
                user_id=user_id,
                created_at=change.at,
                position=0 if behind is None else behind + 1,
            )
        )
    await change.session.flush()


async def _tell(change: Change, experiment: Experiment, user_id: int, *, wanted: bool) -> int:
    user = encode(User.__name__, user_id)
    event = await change.record(
        experiment,
        "FAVORITE" if wanted else "UNFAVORITE",
        {"user": user, "favorite": not wanted},
        {"user": user, "favorite": wanted},
    )
    return event.id
