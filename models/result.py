"""Results: one metric of one variant, compared with the control."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from models.base import Row, big, decimal, document, link, owned_by, text


class Result(Row, table=True):
    """A computed outcome; ``impact`` and its bounds are fractions of the control's mean."""

    experiment_id: int = owned_by("experiment")
    variant_id: int | None = link("variant", ondelete="SET NULL")
    variant_index: int = 0
    metric_id: int | None = link("metric")
    environment: str | None = text()
    unit_count: int | None = big()
    first_exposure_at: datetime | None = None
    last_exposure_at: datetime | None = None
    value: Decimal | None = decimal()
    mean: Decimal | None = decimal()
    stdev: Decimal | None = decimal()
    variance: Decimal | None = decimal()
    p_value: float | None = None
    impact: float | None = None
    impact_lower: float | None = None
    impact_upper: float | None = None
    extra: dict[str, Any] | None = document()
    position: int = 0
