"""Alerts in the graph."""

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, of_rows, one
from schema.node import Audited
from schema.scalars import JSON


@of_rows(m.Alert, "A health check's finding on one experiment.")
class Alert(Audited):
    external_id: str | None = column("The id by which its source knows it, where that was said.")
    extra: JSON | None = column("What the source said and no other field takes, verbatim.")
    type: m.AlertType | None = column("Which check fired.")
    native_type: str | None = column("The platform's own word for the check, verbatim.")
    alert_metadata: JSON | None = column("What the check says beside.", name="metadata")
    dismissed: bool = column("Whether somebody waved it aside.")
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
