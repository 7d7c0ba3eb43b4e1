"""Alerts in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, of_rows, one
from schema.filters import BooleanFilter, DateTimeFilter, Filter, combined, matches
from schema.node import Audited
from schema.scalars import JSON


@of_rows(m.Alert, "A health check's finding on one experiment.")
class Alert(Audited):
    external_id: str | None = column("The id by which its source knows it, where that was said.")
    extra: JSON | None = column("What the source said and no other field takes, verbatim.")
    type: m.AlertType | None = column("Which check fired.")
    native_type: str | None = column("The platform's own word for the check, verbatim.")
    alert_metadata: JSON | None = column("Further facts from the check.", name="metadata")
    dismissed: bool = column("Whether somebody waved it aside.")
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")


@strawberry.input(description="Conditions on alerts.")
class AlertWhere:
    type: Filter[m.AlertType] | None = matches("type", "Which check fired.")
    dismissed: BooleanFilter | None = matches("dismissed", "Whether somebody waved it aside.")
    created_at: DateTimeFilter | None = matches("created_at", "When it fired.")
    and_: list[n.AlertWhere] | None = combined("and")
    or_: list[n.AlertWhere] | None = combined("or")
    not_: n.AlertWhere | None = combined("not")
