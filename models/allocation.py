"""Allocations: which units get which variant (Auth0)."""

from models.base import Row, link, owned_by


class Allocation(Row, table=True):
    """A rule that gives a weight or a segment of units to a variant."""

    experiment_id: int = owned_by("experiment")
    variant_id: int | None = link("variant", ondelete="SET NULL")
    segment_id: int | None = link("segment")
    weight: float | None = None
    priority: int | None = None
    is_control: bool = False
    is_fallback: bool = False
    position: int = 0
