"""Events in the graph."""

from datetime import datetime

import strawberry

import models as m
from resolvers import relations as r
from resolvers import telling
from resolvers.event import subject_id
from resolvers.ordering import Direction
from schema import names as n
from schema.fields import batched, column, computed, of_rows, one
from schema.filters import (
    DateTimeFilter,
    IDFilter,
    StringFilter,
    combined,
    matches,
    matches_id,
    related,
)
from schema.node import Node
from schema.scalars import JSON


@of_rows(m.Event, "One change: who did what to which thing, when, and what was before and after.")
class Event(Node):
    at: datetime = column("When it happened.")
    action: str = column("What was done, such as START or UPDATE.")
    actor: str | None = column("Who did it, by the name of the key or the person.")
    user: n.User | None = one(r.EVENT_ACTOR, "Who did it, where that is a user.")
    subject_type: str = column("The type of the thing that changed.")
    subject_id: strawberry.ID | None = computed(
        subject_id, ["subject_type", "subject_id"], "The id of the thing that changed."
    )
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment that it is about.")
    before: JSON | None = batched(telling.before, "What changed, as it was before.")
    after: JSON | None = batched(telling.after, "What changed, as it was afterwards.")
    delivery: n.Delivery | None = one(
        r.EVENT_DELIVERY, "Its way to the experiment's platform, where that is connected."
    )


@strawberry.input(description="Conditions on events.")
class EventWhere:
    id: IDFilter | None = matches_id("id", m.Event, "The id.")
    action: StringFilter | None = matches("action", "What was done.")
    actor: StringFilter | None = matches("actor", "Who did it.")
    subject_type: StringFilter | None = matches(
        "subject_type", "The type of the thing that changed."
    )
    at: DateTimeFilter | None = matches("at", "When it happened.")
    experiment: n.ExperimentWhere | None = related(r.EXPERIMENT, "The experiment that it is about.")
    user: n.UserWhere | None = related(r.EVENT_ACTOR, "Who did it.")
    and_: list[n.EventWhere] | None = combined("and")
    or_: list[n.EventWhere] | None = combined("or")
    not_: n.EventWhere | None = combined("not")


@strawberry.input(one_of=True, description="What events are ordered by.")
class EventOrder:
    at: Direction | None = matches("at", "When it happened.")
    action: Direction | None = matches("action", "What was done.")
    actor: Direction | None = matches("actor", "Who did it.")
