"""What every mutation answers: whether the change was made, and every reason why not."""

from typing import Any

import strawberry

import models as m
from models.base import Row
from resolvers.edges import ToOne
from schema import names as n
from schema.errors import UserError
from schema.fields import column, one

EXPERIMENT = ToOne(m.Experiment, "experiment_id")
"""The experiment that the row which a mutation is about belongs to."""


def subject(model: type[Row], description: str) -> Any:
    """The field for the row that the mutation is about."""
    return one(ToOne(model, "row_id"), description)


@strawberry.interface(description="What every mutation answers.")
class Payload:
    ok: bool = column("Whether the change was made; on a dry run, whether it would be.")
    errors: list[UserError] = column("Every reason why it was not made; empty if it was.")
    event: n.Event | None = one(
        ToOne(m.Event, "event_id"), "The event that tells of it; null where nothing was written."
    )
    replayed: bool = column("Whether this is the answer to an earlier call with the same key.")


@strawberry.interface(description="What every change of an experiment's lifecycle answers.")
class TransitionPayload(Payload):
    experiment: n.Experiment | None = subject(
        m.Experiment,
        "The experiment as it stands now: changed, or as it was if the change was not made. "
        "After a restart, the new iteration.",
    )
    experiment_note: n.Note | None = one(
        ToOne(m.Note, "note_id"), "The entry that the change left in the experiment's activity."
    )
    change_request: n.ChangeRequest | None = one(
        ToOne(m.ChangeRequest, "change_request_id"),
        "The request that waits for approval, if a policy asks for one.",
    )
