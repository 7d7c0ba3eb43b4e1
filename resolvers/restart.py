"""Restarting: a new iteration of the same family, and the end of the one before it."""

from sqlalchemy import func, select
from sqlmodel import col

from models import Event, Experiment, Family, Phase
from models.arguments import Arguments
from models.effects import first_level
from models.lifecycle import Transition, native_state
from resolvers.change import Change
from resolvers.copying import copy, new_seed


async def restart(
    change: Change, row: Experiment, taken: Transition, arguments: Arguments
) -> tuple[Experiment, Event]:
    """The new iteration, and the event of the old one.

    It runs, or is in development, from the first moment on. With ``reshuffle`` units are assigned
    anew; without, they keep what they had.
    """
    started = arguments.into is Phase.RUNNING
    anew = {"seed": new_seed(), "traffic_seed": new_seed()} if arguments.reshuffle else {}
    made = await copy(
        change,
        row,
        iteration=await _next_iteration(change, row),
        phase=arguments.into,
        native_state=native_state(row.platform, arguments.into, archived=False),
        started_at=change.at if started else None,
        development_at=None if started else change.at,
        first_started_at=row.first_started_at or row.started_at or (change.at if started else None),
        ramp_current_level=first_level(row) if started else None,
        **anew,
    )
    await change.record(made, "CREATE", None, {"key": made.key, "iteration": made.iteration})
    event = await _end(change, row, taken, arguments, made)
    return made, event


async def _next_iteration(change: Change, row: Experiment) -> int:
    """One more than the family's last; whoever restarts another of them at once must wait."""
    await change.session.get_one(Family, row.family_id, with_for_update={"key_share": True})
    last = await change.session.scalar(
        select(func.max(col(Experiment.iteration))).where(
            col(Experiment.family_id) == row.family_id
        )
    )
    return (last or row.iteration) + 1


async def _end(
    change: Change, row: Experiment, taken: Transition, arguments: Arguments, made: Experiment
) -> Event:
    """Tell of the restart, and stop the old iteration where it still ran."""
    told = {"restartedAs": {"key": made.key, "iteration": made.iteration}}
    if row.phase is not Phase.RUNNING:
        return await change.record(row, taken.action, {}, told)
    values = {
        **taken.sets(row, arguments, change.at),
        "phase": Phase.STOPPED,
        "native_state": native_state(row.platform, Phase.STOPPED, archived=row.archived),
    }
    event = await change.update(row, taken.action, values, before={}, after=told)
    if event is None:
        raise TypeError("a restart of a running experiment changes it")
    return event
