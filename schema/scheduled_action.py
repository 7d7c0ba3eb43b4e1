"""Scheduled actions in the graph."""

from datetime import datetime

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, of_rows, one
from schema.node import Audited


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
    executed_at: datetime | None = column("When it was made.")
