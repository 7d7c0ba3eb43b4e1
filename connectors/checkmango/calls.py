"""Checkmango's calls: those that each verb takes, as a table."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.base import Fate, Task
from connectors.checkmango.designs import (
    SPLIT,
    changed_variant,
    experiment_of,
    is_weighted,
    new_variant,
    share,
)
from connectors.checkmango.resources import (
    Place,
    Row,
    attributes,
    data_of,
    included,
    number_of,
)

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call that changes something."""

    method: str
    path: str
    body: Row | None = None


Calls = Callable[[Task, Place, Document, Iterable[Row]], list[Call]]
"""The calls of a verb, by where the experiment is, what it shows, and the events of its team."""


def _start(_: Task, place: Place, __: Document, ___: Iterable[Row]) -> list[Call]:
    return [Call("POST", f"{place.path}/start")]


def _stop(_: Task, place: Place, __: Document, ___: Iterable[Row]) -> list[Call]:
    return [Call("POST", f"{place.path}/stop")]


def _delete(_: Task, place: Place, __: Document, ___: Iterable[Row]) -> list[Call]:
    return [Call("DELETE", place.path)]


def _update(task: Task, place: Place, document: Document, events: Iterable[Row]) -> list[Call]:
    """What is said of the experiment goes last: it may rename it."""
    design, names = task.arguments["design"], task.arguments["fields"]
    calls = []
    if SPLIT & set(names):
        for variant in design["variants"]:
            row = _variant(document, variant)
            if row is not None and variant["weight"] is not None:
                path = place.variant(str(attributes(row)["key"]))
                calls.append(Call("PUT", path, {"traffic": share(variant["weight"])}))
    body = experiment_of(design, names, events)
    return [*calls, Call("PUT", place.path, body)] if body else calls


def _create_variant(task: Task, place: Place, _: Document, __: Iterable[Row]) -> list[Call]:
    weighted = is_weighted(task.arguments["design"])
    body = new_variant(task.arguments["variant"], weighted=weighted)
    return [Call("POST", f"{place.path}/variants", body)]


def _update_variant(task: Task, place: Place, document: Document, _: Iterable[Row]) -> list[Call]:
    was, now = task.arguments["was"], task.arguments["variant"]
    body = changed_variant(was, now)
    row = _variant(document, was)
    key = str(attributes(row)["key"]) if row else was["key"]
    return [Call("PUT", place.variant(key), body)] if body else []


def _delete_variant(task: Task, place: Place, document: Document, _: Iterable[Row]) -> list[Call]:
    row = _variant(document, task.arguments["was"])
    key = str(attributes(row)["key"]) if row else task.arguments["was"]["key"]
    return [Call("DELETE", place.variant(key))]


CALLS: dict[str, Calls] = {
    "START": _start,
    "STOP": _stop,
    "DELETE": _delete,
    "UPDATE": _update,
    "CREATE_VARIANT": _create_variant,
    "UPDATE_VARIANT": _update_variant,
    "DELETE_VARIANT": _delete_variant,
}


def _variant(document: Document, variant: Mapping[str, Any]) -> Row | None:
    """A variant as the platform shows it: by its number, else by its key."""
    rows = included(document, "variants")
    by_number = (row for row in rows if number_of(row) == variant["external_id"])
    by_key = (row for row in rows if attributes(row).get("key") == variant["key"])
    return next(by_number, None) or next(by_key, None)


# --- What became of a call


def fate(task: Task, document: Document | None) -> Fate | None:
    """What became of a call that is not told by the lifecycle; None for one that is."""
    judge = FATES.get(task.verb)
    if judge is None:
        return None
    if document is None:
        return Fate.NOT_DONE if task.verb == "CREATE" else Fate.OVERTAKEN
    return Fate.DONE if judge(task, document) else Fate.NOT_DONE


def _is_created(task: Task, document: Document) -> bool:
    return not missing_variants(task, document)


def missing_variants(task: Task, document: Document | None) -> list[Row]:
    """The variants of a new experiment that the platform does not have yet."""
    rows = included(document, "variants") if document else []
    there = {attributes(row).get("key") for row in rows}
    return [each for each in task.arguments["design"]["variants"] if each["key"] not in there]


def _is_updated(task: Task, document: Document) -> bool:
    """The split and the algorithm are not shown: where they changed, it is said once more."""
    design, names = task.arguments["design"], set(task.arguments["fields"])
    if names & {"details", *SPLIT}:
        return False
    said = attributes(data_of(document)[0])
    shown = all(said.get(name) == design[name] for name in names & {"key", "description"})
    if "primary_metric" not in names:
        return shown
    [event] = included(document, "events") or [{}]
    named = {number_of(event), attributes(event).get("key")}
    return shown and design["primary_metric"] in named


def _has_variant(task: Task, document: Document) -> bool:
    wanted = task.arguments["variant"]["key"]
    return any(attributes(row).get("key") == wanted for row in included(document, "variants"))


def _is_variant_updated(task: Task, document: Document) -> bool:
    was, now = task.arguments["was"], task.arguments["variant"]
    row = _variant(document, {**was, "key": now["key"]})
    body = changed_variant(was, now)
    if row is None or "traffic" in body:
        return False
    return all(attributes(row).get(name) == value for name, value in body.items())


def _is_variant_deleted(task: Task, document: Document) -> bool:
    return _variant(document, task.arguments["was"]) is None


FATES: dict[str, Callable[[Task, Document], bool]] = {
    "CREATE": _is_created,
    "UPDATE": _is_updated,
    "CREATE_VARIANT": _has_variant,
    "UPDATE_VARIANT": _is_variant_updated,
    "DELETE_VARIANT": _is_variant_deleted,
}
