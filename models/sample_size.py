"""Sample sizes: how many units a test needs."""

from datetime import datetime

from models.base import Row, big, owned_by


class SampleSize(Row, table=True):
    """The planned size of one experiment, and when it was reached."""

    experiment_id: int = owned_by("experiment", unique=True)
    required_sample_size: int | None = big()
    reached_at: datetime | None = None
    reached_at_sample_size: int | None = big()
    created_at: datetime | None = None
    updated_at: datetime | None = None
