"""References to things that no payload has carried yet."""

from typing import Any

from sqlalchemy import Index

from models.base import Row, big, document, link, text


class Reference(Row, table=True):
    """A pointer by external id that waits for its target.

    ``holder_type`` and ``target_type`` are table names; ``field`` is the column of the holder
    (``goal_id``) or the link table (``experiment_owner``) that is filled when the target arrives.
    ``link_values`` are the other columns of that link row.
    """

    __table_args__ = (
        Index("ix_reference_target", "source_id", "target_type", "target_external_id"),
        Index("ix_reference_holder", "holder_type", "holder_id", "field"),
    )

    source_id: int = link("source", index=False)
    holder_type: str = text(nullable=False)
    holder_id: int = big(0, nullable=False)
    field: str = text(nullable=False)
    target_type: str = text(nullable=False)
    target_external_id: str = text(nullable=False)
    link_values: dict[str, Any] | None = document()
