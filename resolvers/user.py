"""What a user is called."""

from models import User


def name(row: User) -> str | None:
    """First and last name; None where neither is known."""
    parts = [part for part in (row.first_name, row.last_name) if part]
    return " ".join(parts) or None
