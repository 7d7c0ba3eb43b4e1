"""Exposures in the graph."""

from datetime import datetime

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, of_rows, one
from schema.scalars import BigInt


@of_rows(m.Exposure, "How many units met an experiment in one environment.")
class Exposure:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    environment: str | None = column("The type of environment, such as production.")
    unit_count: BigInt | None = column("How many units.")
    first_exposure_at: datetime | None = column("When the first unit met it.")
    last_exposure_at: datetime | None = column("When the last unit met it.")
    data_cutoff_at: datetime | None = column("The moment up to which this counts.")
    updated_at: datetime | None = column("When it was counted.")
