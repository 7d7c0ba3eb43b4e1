"""What an event is about."""

from models import Event
from resolvers.identity import NODES, encode


def subject_id(row: Event) -> str | None:
    """The global id of the thing that changed; None where it is not a node of the graph."""
    if row.subject_id is None or row.subject_type not in NODES:
        return None
    return encode(row.subject_type, row.subject_id)
