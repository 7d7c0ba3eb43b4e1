"""Lists: ``limit`` and ``offset`` in, ``count``, ``next``, ``previous`` and ``results`` out."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from tests.platforms.posthog.state import State, status_of
from tests.platforms.standin import Answer, Ask, Row, stamp

TRUE = frozenset({"true", "1", "True"})


def _duration(row: Row) -> float:
    if not row["start_date"]:
        return 0.0
    end = row["end_date"] or stamp()
    return (datetime.fromisoformat(end) - datetime.fromisoformat(row["start_date"])).total_seconds()


ORDERS: Mapping[str, Callable[[Row], Any]] = {
    "created_at": lambda row: row["created_at"],
    "created_by": lambda row: row["created_by"]["first_name"] if row["created_by"] else "",
    "updated_at": lambda row: row["updated_at"],
    "name": lambda row: row["name"].lower(),
    "start_date": lambda row: row["start_date"] or "",
    "end_date": lambda row: row["end_date"] or "",
    "duration": _duration,
    "status": status_of,
}

Test = Callable[[Row], bool]


def page(here: State, ask: Ask, rows: Iterable[Row], show: Callable[[Row], Row] = dict) -> Response:
    """The page of a list that was asked for, with the addresses of its neighbours."""
    found = list(rows)
    limit, offset = _number(here, ask, "limit", 100), _number(here, ask, "offset", 0)
    limit = max(limit, 1)

    def address(start: int) -> str:
        place = ask.url.replace(path=f"{ask.url.path.rstrip('/')}/")
        return str(place.include_query_params(limit=limit, offset=start))

    return Answer(
        {
            "count": len(found),
            "next": address(offset + limit) if offset + limit < len(found) else None,
            "previous": address(max(offset - limit, 0)) if offset > 0 else None,
            "results": [show(row) for row in found[offset : offset + limit]],
        }
    )


def _number(here: State, ask: Ask, name: str, default: int) -> int:
    text = ask.query.get(name, str(default))
    if not text.isdecimal():
        raise here.invalid("A valid integer is required.", name)
    return int(text)


# --- Filters of experiments


def _status(here: State, text: str) -> Test:
    wanted = {"complete": "stopped"}.get(text, text)
    if wanted not in {"all", "draft", "running", "paused", "exposure_frozen", "stopped"}:
        raise here.invalid(f"Invalid status: {text}", "status")
    return lambda row: wanted in {"all", status_of(row)}


def _flag(_here: State, text: str) -> Test:
    return lambda row: str(row["feature_flag"]["id"]) == text


def _author(_here: State, text: str) -> Test:
    return lambda row: bool(row["created_by"]) and str(row["created_by"]["id"]) == text


def _search(_here: State, text: str) -> Test:
    wanted = text.lower()
    return lambda row: wanted in row["name"].lower() or wanted in row["feature_flag_key"].lower()


def _event(_here: State, text: str) -> Test:
    wanted = f'"event": {json.dumps(text)}'
    return lambda row: wanted in json.dumps([row["metrics"], row["metrics_secondary"]])


def _tagged(here: State, text: str, name: str) -> frozenset[str]:
    try:
        return frozenset(json.loads(text))
    except (ValueError, TypeError):
        raise here.invalid("A JSON array is required.", name) from None


def _tags(here: State, text: str) -> Test:
    wanted = _tagged(here, text, "tags")
    return lambda row: bool(wanted & set(row["tags"]))


def _excluded(here: State, text: str) -> Test:
    unwanted = _tagged(here, text, "excluded_tags")
    return lambda row: not unwanted & set(row["tags"])


FILTERS: Mapping[str, Callable[[State, str], Test]] = {
    "status": _status,
    "feature_flag_id": _flag,
    "created_by_id": _author,
    "search": _search,
    "event": _event,
    "tags": _tags,
    "excluded_tags": _excluded,
}


def experiments(here: State, ask: Ask) -> Response:
    """``GET /experiments/``: never what is deleted; what is archived only when asked for."""
    order = ask.query.get("order", "-created_at")
    if order.removeprefix("-") not in ORDERS:
        raise here.invalid(f"Invalid order: {order}", "order")
    archived = ask.query.get("archived", "false") in TRUE
    tests = [FILTERS[name](here, value) for name, value in ask.query.items() if name in FILTERS]
    rows = [
        row
        for row in here.experiments.values()
        if not row["deleted"] and row["archived"] == archived and all(test(row) for test in tests)
    ]
    key = ORDERS[order.removeprefix("-")]
    rows.sort(key=lambda row: (key(row), row["id"]), reverse=order.startswith("-"))
    return page(here, ask, rows, here.shown)
