"""Scheduled actions in the graph."""

from datetime import datetime

import strawberry

import models as m
from resolvers import relations as r
from resolvers.edges import ToOne
from resolvers.outcome import Outcome
from schema import names as n
from schema.fields import column, of_rows, one
from schema.inputs import ChangeInput, required
from schema.node import Audited
from schema.payloads import EXPERIMENT, Payload, subject
from schema.scalars import JSON
from schema.transition import TransitionArguments, TransitionInput

PLAN = ToOne(m.ScheduledAction, "scheduled_id")
"""The plan that was made."""


@of_rows(m.ScheduledAction, "A transition that will be made later.")
class ScheduledAction(Audited):
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    external_id: str | None = column("The id by which its platform knows it.")
    action: m.Action | None = column("The transition.")
    native_action: str | None = column("The platform's own word for it, verbatim.")
    at: datetime | None = column("When it is due.")
    origin: m.ScheduleOrigin = column("Who will make it.")
    state: m.ScheduleState = column("How it stands.")
    note: str | None = column("The note that it will leave.")
    reason: str | None = column("Why, where a stop is scheduled.")
    arguments: JSON | None = column("The arguments of the transition.")
    actor: str | None = column("The credential that it was planned with.")
    executed_at: datetime | None = column("When it was made, or could not be.")
    failure: str | None = column("Why it could not be made.")


@strawberry.input(description="What planning a transition takes.")
class ScheduleTransitionInput(TransitionArguments, TransitionInput):
    action: m.Action = required("What is to be done.")
    at: datetime = required("When; in the future.")


@of_rows(Outcome, "What became of planning a transition.")
class ScheduleTransitionPayload(Payload):
    scheduled_action: n.ScheduledAction | None = one(PLAN, "The plan.")
    experiment: n.Experiment | None = subject(m.Experiment, "The experiment.")


@strawberry.input(description="What cancelling a planned transition takes.")
class CancelScheduledTransitionInput(ChangeInput):
    id: strawberry.ID = required("The id of the scheduled action.")


@of_rows(Outcome, "What became of cancelling a planned transition.")
class CancelScheduledTransitionPayload(Payload):
    scheduled_action: n.ScheduledAction | None = subject(m.ScheduledAction, "The plan.")
    experiment: n.Experiment | None = one(EXPERIMENT, "The experiment.")
