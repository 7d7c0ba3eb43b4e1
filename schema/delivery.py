"""Deliveries in the graph: changes on their way to a platform."""

from datetime import datetime

import models as m
from resolvers import relations as r
from resolvers.delivery import reasons
from schema import names as n
from schema.errors import UserError
from schema.fields import column, computed, of_rows, one


@of_rows(m.Delivery, "A change on its way to the platform that keeps the experiment.")
class Delivery:
    event: n.Event | None = one(r.DELIVERY_EVENT, "The event that tells of the change.")
    verb: str = column("What the platform is asked to do, such as START or UPDATE.")
    state: m.DeliveryState = column("How it stands.")
    attempts: int = column("How often it was tried.")
    due_at: datetime | None = column("When it will be tried again.")
    errors: list[UserError] = computed(
        reasons, ["reason"], "Why the platform refused it; empty if it did not."
    )
    created_at: datetime = column("When the change was made here.")
    settled_at: datetime | None = column("When the platform had its say.")
