"""Exposures: how many units have met an experiment."""

from datetime import datetime

from models.base import Row, big, owned_by, text


class Exposure(Row, table=True):
    """The units that met an experiment in one environment (ABsmartly previews)."""

    experiment_id: int = owned_by("experiment")
    environment: str | None = text()
    unit_count: int | None = big()
    first_exposure_at: datetime | None = None
    last_exposure_at: datetime | None = None
    data_cutoff_at: datetime | None = None
    updated_at: datetime | None = None
    position: int = 0
