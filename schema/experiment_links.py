"""What links an experiment to other things, with what is said of the link."""

from datetime import datetime

import strawberry

import models as m
from resolvers import relations as r
from resolvers.outcome import Outcome
from schema import names as n
from schema.fields import column, of_rows, one
from schema.inputs import ChangeInput, required, said
from schema.payloads import EXPERIMENT, Payload, subject
from schema.scalars import JSON


@of_rows(m.ExperimentMetric, "A metric of an experiment beside its primary one.")
class ExperimentMetric:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    metric: n.Metric | None = one(r.METRIC, "The metric.")
    role: m.MetricRole = column("What the metric is to the experiment.")
    position: int = column("Its place among the metrics of that role.")


@of_rows(m.ExperimentSavedMetric, "A saved metric that an experiment uses.")
class ExperimentSavedMetric:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    metric: n.SavedMetric | None = one(r.SAVED_METRIC, "The saved metric.")
    role: m.MetricRole = column("What the metric is to the experiment.")
    position: int = column("Its place.")
    link_metadata: JSON | None = column("What the platform says of the link.", name="metadata")


@of_rows(m.ExperimentApplication, "An application that shows an experiment.")
class ExperimentApplication:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    application: n.Application | None = one(r.APPLICATION, "The application.")
    application_version: str | None = column(
        "From which of its versions on; 0 is from the first.", name="version"
    )


@of_rows(m.Favorite, "A user's mark on an experiment.")
class Favorite:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    user: n.User | None = one(r.USER, "The user.")
    created_at: datetime | None = column("When the mark was set.", name="at")


@strawberry.input(description="What setting a favourite takes.")
class SetFavoriteInput(ChangeInput):
    experiment: strawberry.ID = required("The id of the experiment.")
    favorite: bool = required("Whether the user follows it from now on.")
    user: strawberry.ID | None = said(
        "Whose mark it is; that of your key's user unless said. Only an admin, or a key without a "
        "user, names somebody else."
    )


@of_rows(Outcome, "What became of a favourite.")
class SetFavoritePayload(Payload):
    experiment: n.Experiment | None = one(EXPERIMENT, "The experiment.")
    user: n.User | None = subject(m.User, "The user.")
