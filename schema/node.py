"""What everything with an id has in common."""

from datetime import datetime

import strawberry

from resolvers import relations as r
from resolvers.identity import global_id
from schema import names as n
from schema.fields import column, computed, one
from schema.scalars import JSON


@strawberry.interface(description="Anything that node(id:) can find again.")
class Node:
    id: strawberry.ID = computed(
        global_id, ["id"], "The opaque id by which this is found again in the whole graph."
    )


@strawberry.interface(description="Something that says who made and changed it, and when.")
class Audited(Node):
    created_at: datetime | None = column("When it was made.")
    updated_at: datetime | None = column("When it was last changed.")
    created_by: n.User | None = one(r.CREATED_BY, "Who made it.")
    updated_by: n.User | None = one(r.UPDATED_BY, "Who changed it last.")


@strawberry.interface(description="Something that came from a source and is known there.")
class Sourced(Audited):
    source: n.Source | None = one(r.SOURCE, "Where it came from; null for who may not read that.")
    external_id: str | None = column("The id by which its source knows it, where that was said.")
    version: int = column("Grows by one with every change.")
    extra: JSON | None = column("What the source said and no other field takes, verbatim.")
