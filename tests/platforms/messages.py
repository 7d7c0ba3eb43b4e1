"""What goes in and out of a stand-in, and what is written down of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from starlette.datastructures import URL, QueryParams
from starlette.responses import Response

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that came in; ``status`` is None where no answer was sent."""

    method: str
    path: str
    status: int | None
    moment: datetime
    body: Any = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A change of an experiment that took effect, by its id or key and the platform's own word."""

    experiment: int | str
    action: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as a handler sees it."""

    path: Mapping[str, Any]
    query: QueryParams
    body: Any
    url: URL
    token: str


class Answer(Response):
    """A JSON document, 200 unless told otherwise."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of the document."""
        return orjson.dumps(content)


class Refused(Exception):
    """What a handler raises to answer with an error in the middle of its work."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


Handler = Callable[[Any, Ask], Response]
Routed = tuple[str, str, Handler]
"""A method, a path below the base, and what answers: a function of the stand-in and the request."""
