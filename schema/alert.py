"""Alerts in the graph."""

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, of_rows, one
from schema.node import Sourced
from schema.scalars import JSON


@of_rows(m.Alert, "A health check's finding on one experiment.")
class Alert(Sourced):
    type: m.AlertType | None = column("Which check fired.")
    native_type: str | None = column("The platform's own word for the check, verbatim.")
    alert_metadata: JSON | None = column("What the check says beside.", name="metadata")
    dismissed: bool = column("Whether somebody waved it aside.")
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
