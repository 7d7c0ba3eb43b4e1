"""Lists: ``page`` and ``items`` in, the plural with ``items``, ``page`` and ``total`` out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import Response

from tests.platforms.absmartly.state import DETAIL, State, status_of
from tests.platforms.standin import Answer, Ask, Row

LARGEST_PAGE = 1500
SORTS = frozenset(
    {
        *("id", "name", "display_name", "created_at", "updated_at", "state", "iteration"),
        *("unit_count", "owners", "confidence", "impact", "duration", "progress"),
    }
)
TRUE = frozenset({"1", "true"})

Test = Callable[[Row], bool]
Filter = Callable[[State, str], Test]


def words(text: str) -> frozenset[str]:
    """What stands between commas."""
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def numbers(text: str) -> frozenset[int]:
    """Whole numbers between commas; what is none is left out."""
    return frozenset(int(part) for part in words(text) if part.lstrip("-").isdecimal())


def number(here: State, query: QueryParams, name: str, default: int) -> int:
    """A number of at least 1 in a query. Raises Refused with 422."""
    text = query.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise here.refuse(422, f"{name} must be a positive integer")
    return int(text)


def page(
    here: State,
    ask: Ask,
    key: str,
    rows: Iterable[Row],
    *,
    default: int = 100,
    show: Callable[[Row], Row] = dict,
) -> Response:
    """The page of a list that was asked for."""
    found = list(rows)
    at = number(here, ask.query, "page", 1)
    items = min(number(here, ask.query, "items", default), LARGEST_PAGE)
    part = [show(row) for row in found[(at - 1) * items : at * items]]
    return Answer({key: part, "items": items, "page": at, "total": len(found)})


def ordered(rows: Iterable[Row], query: QueryParams) -> list[Row]:
    """Rows in the order that was asked for; what has no value comes first."""
    name = query.get("sort", "id")
    descending = query.get("sort_asc", "true") not in TRUE

    def key(row: Row) -> tuple[bool, Any, int]:
        value = row.get(name)
        plain = value if isinstance(value, str | int) else None
        return plain is not None, plain if plain is not None else 0, row["id"]

    return sorted(rows, key=key, reverse=descending)


def shown(here: State, query: QueryParams) -> Test:
    """Whether a row is shown as far as its being archived goes."""
    if query.get("archived") in TRUE:
        return lambda row: bool(row.get("archived"))
    if here.archived_in_lists or query.get("include_archived") in TRUE:
        return lambda _row: True
    return lambda row: not row.get("archived")


# --- Filters of experiments


def _state(here: State, text: str) -> Test:
    pending = {row["experiment_id"] for row in here.schedule.values() if not row["executed_at"]}
    asked = words(text)

    def test(row: Row) -> bool:
        status = status_of(row)
        named = {status, row["state"]}
        if status == "running":
            named.add("running_not_full_on")
        if row["id"] in pending:
            named.add("scheduled")
        return bool(named & asked)

    return test


def _linked(key: str, reference: str) -> Filter:
    def test(_here: State, text: str) -> Test:
        asked = numbers(text)
        return lambda row: any(link[reference] in asked for link in row[key] if link)

    return test


def _valued(key: str) -> Filter:
    def test(_here: State, text: str) -> Test:
        asked = words(text)
        return lambda row: str(row[key]) in asked

    return test


def _between(key: str) -> Filter:
    def test(here: State, text: str) -> Test:
        first, _, last = text.partition(",")
        if not (first.isdecimal() and last.isdecimal()):
            raise here.refuse(400, f"{key}: invalid date range")
        low, high = int(first), int(last) or 2**63
        return lambda row: bool(row[key]) and low <= milliseconds(row[key]) <= high

    return test


def milliseconds(text: str) -> int:
    """An ISO moment as epoch milliseconds."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _search(_here: State, text: str) -> Test:
    wanted = text.lower()
    return lambda row: wanted in f"{row['name']} {row.get('display_name') or ''}".lower()


def _family(here: State, text: str) -> Test:
    asked = {each for number in numbers(text) for each in here.families.get(number, ())}
    return lambda row: row["id"] in asked


def _running_type(_here: State, text: str) -> Test:
    wanted = {"experiment": "running", "full_on": "full_on"}.get(text)
    return lambda row: status_of(row) == wanted


def _alert(kind: str) -> Filter:
    def test(_here: State, text: str) -> Test:
        def alerted(row: Row) -> bool:
            return any(each["type"] == kind and not each["dismissed"] for each in row["alerts"])

        return lambda row: alerted(row) == (text in TRUE)

    return test


ALERTS = (
    "sample_ratio_mismatch",
    "cleanup_needed",
    "audience_mismatch",
    "sample_size_reached",
    "experiments_interact",
    "group_sequential_updated",
    "assignment_conflict",
    "metric_threshold_reached",
)
FILTERS: Mapping[str, Filter] = {
    "state": _state,
    "status": _state,
    "type": _valued("type"),
    "ids": _valued("id"),
    "unit_types": _valued("unit_type_id"),
    "templates": _valued("parent_experiment_id"),
    "analysis_type": _valued("analysis_type"),
    "owners": _linked("owners", "user_id"),
    "teams": _linked("teams", "team_id"),
    "tags": _linked("experiment_tags", "experiment_tag_id"),
    "applications": _linked("applications", "application_id"),
    "application": _linked("applications", "application_id"),
    "created_at": _between("created_at"),
    "updated_at": _between("updated_at"),
    "started_at": _between("start_at"),
    "stopped_at": _between("stop_at"),
    "full_on_at": _between("full_on_at"),
    "running_type": _running_type,
    "iterations_of": _family,
    "search": _search,
    **{kind: _alert(kind) for kind in ALERTS},
}


def experiments(here: State, ask: Ask) -> Response:
    """``GET /experiments``: the newest iteration of each family, unless asked for all of them."""
    query = ask.query
    if query.get("sort", "id") not in SORTS:
        raise here.refuse(422, f"sort must be one of {', '.join(sorted(SORTS))}")
    tests = [FILTERS[name](here, value) for name, value in query.items() if name in FILTERS]
    asked = words(query.get("state", "") + "," + query.get("status", ""))
    if "archived" not in asked:
        tests.append(shown(here, query))
    if query.get("iterations") not in TRUE and "iterations_of" not in query:
        tests.append(lambda row: here.numbers(row["id"])[-1] == row["id"])
    rows = [row for row in here.experiments.values() if all(test(row) for test in tests)]
    brief = query.get("previews") not in TRUE
    return page(
        here,
        ask,
        "experiments",
        ordered(rows, query),
        default=LARGEST_PAGE,
        show=_brief if brief else here.detail,
    )


def _brief(row: Row) -> Row:
    return {key: value for key, value in row.items() if key not in DETAIL}
