"""Sample sizes in the graph."""

from datetime import datetime

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, of_rows, one
from schema.scalars import BigInt


@of_rows(m.SampleSize, "How many units an experiment needs, and when it had them.")
class SampleSize:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    required_sample_size: BigInt | None = column("How many units are needed.")
    reached_at: datetime | None = column("When that was reached.")
    reached_at_sample_size: BigInt | None = column("How many units there were then.")
    created_at: datetime | None = column("When it was planned.")
    updated_at: datetime | None = column("When it was last computed.")
