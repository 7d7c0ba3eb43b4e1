"""Relay's connections, with ``nodes`` for those who need no cursors."""

from typing import Generic, TypeVar

import strawberry

from resolvers.connection import total_counts
from schema.fields import batched, column

T = TypeVar("T")


@strawberry.type(description="What is known of the rows around a page.")
class PageInfo:
    has_next_page: bool = column(
        "Whether there are rows behind this page; read backwards, whether before was given. "
        "A page of no rows (first: 0) reads nothing, and says false."
    )
    has_previous_page: bool = column(
        "Whether there are rows ahead of this page; read forwards, whether after was given."
    )
    start_cursor: str | None = column("The cursor of the page's first row.")
    end_cursor: str | None = column("The cursor of the page's last row.")


@strawberry.type(description="A row of a page, with its place in the order.")
class Edge(Generic[T]):
    cursor: str = column("The place, for after and before. Opaque; it survives inserted rows.")
    node: T = column("The row.")


@strawberry.type(description="A page of rows.")
class Connection(Generic[T]):
    nodes: list[T] = column("The rows.")
    edges: list[Edge[T]] = column("The rows with their cursors.")
    page_info: PageInfo = column("What is known of the rows around the page.")
    total_count: int = batched(
        total_counts, "How many rows there are on all pages; counted only when asked for."
    )
