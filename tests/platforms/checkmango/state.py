"""What Checkmango's stand-in holds, and the forms of its answers."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.responses import Response

from tests.platforms.standin import Answer, Ask, Refused, Row, StandIn, now

KEY = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*$", re.IGNORECASE)
"""The rule as published: it is not anchored at the start, so only the tail counts."""

LONGEST_KEY = 255
OLD = 2021


TOKEN = "checkmango-token-5d"  # noqa: S105  a stand-in's


class State(StandIn):
    """The tables, by their stable numbers; keys are unique within a team (variants: experiment).

    ``subscribed`` False answers creates with 402. ``shapes`` 2021 writes the older forms: types
    in the singular, plain links, texts for numbers. ``refusal_status`` is how a start or stop from
    the wrong status is refused, which is not documented. ``stale_echo`` lets start and stop answer
    with the experiment as it was before, as the published example does.
    """

    base = "/api"

    def __init__(self, token: str = TOKEN, *, shapes: int = 2024) -> None:
        super().__init__(token)
        self.shapes = shapes
        self.subscribed = True
        self.refusal_status = 422
        self.stale_echo = False
        self.teams: dict[int, Row] = {}
        self.variants: dict[int, Row] = {}
        self.events: dict[int, Row] = {}
        self.statistics: dict[tuple[int, int], Row] = {}

    # --- Answers

    def status(self, row: Row) -> str:
        """The status."""
        return str(row["status"])

    def problem(self, status: int, text: str) -> Response:
        """``{message}``."""
        return Answer({"message": text}, status)

    def invalid(self, errors: Mapping[str, list[str]], status: int = 422) -> Refused:
        """422, to be raised."""
        body = {"message": "The given data was invalid.", "errors": errors}
        return Refused(Answer(body, status))

    def unauthenticated(self, *, expired: bool) -> Response:  # noqa: ARG002  it makes no difference
        """403, and not 401."""
        return self.problem(403, "Unauthenticated.")

    def forbidden(self) -> Response:
        """403 with the same words."""
        return self.unauthenticated(expired=False)

    def too_often(self, seconds: float) -> Response:  # noqa: ARG002  no header would tell
        """429 without any header."""
        return self.problem(429, "Too Many Attempts.")

    def paid(self) -> None:
        """Whether something may be made. Raises Refused with 402."""
        if not self.subscribed:
            raise Refused(self.problem(402, "Subscription required."))

    def missing(self) -> Refused:
        """404 of a resource, to be raised."""
        text = "Resource Not Found" if self.shapes == OLD else "Not Found"
        return Refused(self.problem(404, text))

    # --- Rows

    def team(self, ask: Ask) -> Row:
        """The team that a path names."""
        row = self.teams.get(ask.path["team"])
        if row is None:
            raise self.missing()
        return row

    def experiment(self, ask: Ask) -> Row:
        """The experiment that a path names."""
        return self._named(self.experiments, ask.path["key"], team_id=self.team(ask)["id"])

    def variant(self, ask: Ask) -> Row:
        """The variant that a path names."""
        number = self.experiment(ask)["id"]
        return self._named(self.variants, ask.path["variant"], experiment_id=number)

    def event(self, ask: Ask) -> Row:
        """The event that a path names."""
        return self._named(self.events, ask.path["event"], team_id=self.team(ask)["id"])

    def by_key(self, key: str, team: int = 1) -> Row:
        """The experiment of a team with that key, for tests."""
        return self._named(self.experiments, key, team_id=team)

    def _named(self, table: Mapping[int, Row], key: str, **where: int) -> Row:
        for row in table.values():
            if row["key"] == key and all(row[name] == value for name, value in where.items()):
                return row
        raise self.missing()

    def add(self, table: dict[int, Row], row: Row) -> Row:
        """Keep a new row under the next number."""
        number = max(table, default=0) + 1
        table[number] = {"id": number, **row, "created": clock(), "updated": clock()}
        return table[number]


def clock() -> str:
    """The moment of asking, as Checkmango writes it: to the second, without a zone."""
    return f"{now():%Y-%m-%d %H:%M:%S}"


# --- What is wrong with a body

Check = Callable[[Any], str | None]


def _key(value: Any) -> str | None:
    if not isinstance(value, str) or not value:
        return "The key field is required."
    if len(value) > LONGEST_KEY:
        return "The key must not be greater than 255 characters."
    return None if KEY.search(value) else "The key format is invalid."


def _text(name: str) -> Check:
    text = f"The {name} must be a string."
    return lambda value: None if value is None or isinstance(value, str) else text


def _flag(value: Any) -> str | None:
    good = isinstance(value, bool)
    return None if good else "The control field must be true or false."


def _traffic(value: Any) -> str | None:
    number = isinstance(value, int | float) or str(value).isdecimal()
    good = number and 0 <= float(value) <= 100
    return None if good else "The traffic must be between 0 and 100."


def _word(name: str, *words: str) -> Check:
    return lambda value: None if value in words else f"The selected {name} is invalid."


CHECKS: Mapping[str, Check] = {
    "key": _key,
    "description": _text("description"),
    "control": _flag,
    "traffic": _traffic,
    "type": _word("type", "unique", "count"),
    "algorithm_type": _word("algorithm type", "blockRandomization", "weightedSample", "whiplash"),
}


def fields(
    here: State,
    body: Row,
    names: tuple[str, ...],
    required: tuple[str, ...],
    others: Iterable[Row],
) -> Row:
    """What a body sets of some fields; keys of ``others`` are taken. Raises Refused with 422."""
    said = {name: body[name] for name in names if name in body}
    errors = {
        name: [f"The {name.replace('_', ' ')} field is required."]
        for name in required
        if not body.get(name)
    }
    for name, value in said.items():
        text = CHECKS[name](value) if name in CHECKS else None
        if text and name not in errors:
            errors[name] = [text]
    if "key" in said and any(row["key"] == said["key"] for row in others):
        errors["key"] = ["The key has already been taken."]
    if errors:
        raise here.invalid(errors)
    return said
