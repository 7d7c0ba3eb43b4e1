"""Variants: what units are shown."""

from typing import Any

from sqlalchemy import UniqueConstraint

from models.base import Audited, document, owned_by, text


class Variant(Audited, table=True):
    """One arm of an experiment; ``index`` 0 is the control where a platform counts its arms."""

    __table_args__ = (UniqueConstraint("experiment_id", "index"),)

    experiment_id: int = owned_by("experiment", index=False)
    external_id: str | None = text()
    index: int = 0
    key: str | None = text()
    name: str | None = text()
    description: str | None = text()
    is_control: bool = False
    weight: float | None = None
    config: str | None = text()
    extra: dict[str, Any] | None = document()
