"""What links an experiment to other things, with what is said of the link."""

from datetime import datetime

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, of_rows, one
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
