"""What became of a change on its way to a platform."""

from connectors.reasons import reason_of
from models import Delivery
from models.errors import UserError


def reasons(row: Delivery) -> list[UserError]:
    """Why the platform refused it, as far as it did."""
    return [reason_of(each) for each in (row.reason or {}).get("reasons", ())]
