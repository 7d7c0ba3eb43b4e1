"""What a user is called."""

from typing import Any

from sqlalchemy import func

from models import User
from models.base import TEXT_BY_CODE_POINT


def name(row: User) -> str | None:
    """First and last name; None where neither is known."""
    parts = [part for part in (row.first_name, row.last_name) if part]
    return " ".join(parts) or None


def name_expression(row: Any) -> Any:
    """The same in SQL, on any alias of the model."""
    both = func.coalesce(row.first_name, "") + " " + func.coalesce(row.last_name, "")
    return func.trim(both, type_=TEXT_BY_CODE_POINT)
