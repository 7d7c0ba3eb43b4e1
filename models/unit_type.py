"""Unit types: what is randomised."""

from models.base import Sourced, text


class UnitType(Sourced, table=True):
    """A kind of unit that is assigned to variants, such as ``user_id``."""

    name: str = text(index=True, nullable=False)
    description: str | None = text()
    archived: bool = False
