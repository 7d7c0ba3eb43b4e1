"""Any changes of an experiment, one after the other, against a dict that is patched alike."""

import os
from itertools import count
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.database import Database
from tests.designs import Designer, things

generated = settings(
    max_examples=500 if "TRIALGRAPH_SOAK" in os.environ else 10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
KEYS = count(1)
ARMS = 3

LISTS: dict[str, list[str]] = {
    "owners": ["ann", "ben"],
    "teams": ["team", "below"],
    "tags": ["tag", "word"],
}
REFERENCES = {
    "unitType": ["unit", "device"],
    "primaryMetric": ["metric", "second"],
    "holdout": ["holdout", "holdout2"],
}
TEXTS = ["description", "hypothesis", "other"]

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
documents = st.dictionaries(
    st.sampled_from(["a", "b"]), st.one_of(st.booleans(), st.integers(0, 1), st.none()), max_size=2
)
shares = st.lists(st.integers(0, 100), min_size=ARMS, max_size=ARMS).map(
    lambda each: "/".join(map(str, each))
)
metrics = st.lists(
    st.tuples(
        st.sampled_from(["metric", "second", "third"]),
        st.sampled_from(["SECONDARY", "GUARDRAIL", "EXPLORATORY"]),
    ),
    unique=True,
    max_size=4,
)
allocations = st.lists(
    st.fixed_dictionaries(
        {"variantIndex": st.integers(0, ARMS - 1), "weight": st.integers(0, 100)}
    ),
    max_size=3,
)


def cleared(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.none())


patches = st.fixed_dictionaries(
    {},
    optional={
        "name": st.one_of(texts.filter(str.strip), st.just(" "), st.none()),
        **{name: cleared(texts) for name in TEXTS},
        **{name: cleared(st.sampled_from(ids)) for name, ids in REFERENCES.items()},
        **{
            name: cleared(st.lists(st.sampled_from(ids), unique=True))
            for name, ids in LISTS.items()
        },
        "secondaryMetrics": cleared(metrics),
        "allocations": cleared(allocations),
        "percentages": st.one_of(shares, st.just("1/2"), st.none()),
        "percentageOfTraffic": cleared(st.sampled_from([0, 12.5, 100, 101])),
        "exposureCriteria": cleared(documents),
        "audienceStrict": cleared(st.booleans()),
        "rampLevels": cleared(st.lists(st.integers(0, 100), max_size=3)),
    },
)

NEW: dict[str, Any] = {
    "name": "n",
    **dict.fromkeys([*TEXTS, *REFERENCES, "percentages", "percentageOfTraffic"]),
    **{name: [] for name in (*LISTS, "secondaryMetrics", "allocations")},
    **dict.fromkeys(["exposureCriteria", "audienceStrict", "rampLevels"]),
    "weights": [None] * ARMS,
}
ROLES = ["SECONDARY", "GUARDRAIL", "EXPLORATORY"]


def wrongs(patch: dict[str, Any]) -> set[str]:
    """The fields that the patch is refused for."""
    levels = patch.get("rampLevels") or []
    found = {
        "name": "name" in patch and not (patch["name"] or "").strip(),
        "percentages": patch.get("percentages") == "1/2",
        "percentageOfTraffic": patch.get("percentageOfTraffic") == 101,
        "rampLevels": levels != sorted(set(levels)),
    }
    return {name for name, unsound in found.items() if unsound}


def patched(row: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The row with the patch: null clears, a list replaces, weights follow percentages."""
    lists = {*LISTS, "secondaryMetrics", "allocations"}
    said = {name: [] if value is None and name in lists else value for name, value in patch.items()}
    if said.get("secondaryMetrics"):
        said["secondaryMetrics"] = sorted(
            said["secondaryMetrics"], key=lambda each: ROLES.index(each[1])
        )
    said |= {"rampLevels": said["rampLevels"] or None} if "rampLevels" in said else {}
    if "percentages" in said and said["percentages"] != row["percentages"]:
        text = said["percentages"]
        said["weights"] = [int(part) for part in text.split("/")] if text else [None] * ARMS
    return {**row, **said}


class Experiments:
    """A client's view of experiments, in which rows are known by their names."""

    def __init__(self, editor: Designer) -> None:
        self.editor = editor
        self.names = {number: name for name, number in editor.ids.items()}

    def said(self, patch: dict[str, Any]) -> dict[str, Any]:
        found = dict(patch)
        for name, value in patch.items():
            if value is None:
                continue
            if name in REFERENCES:
                found[name] = f"@{value}"
            if name in LISTS:
                found[name] = [f"@{each}" for each in value]
            if name == "secondaryMetrics":
                found[name] = [{"metric": f"@{each}", "role": role} for each, role in value]
        return found

    def seen(self, row: dict[str, Any]) -> dict[str, Any]:
        plain = ["name", *TEXTS, "percentages", "percentageOfTraffic", "exposureCriteria"]
        named = self.names
        return {
            **{name: row[name] for name in [*plain, "audienceStrict"]},
            **{name: row[name] and named[row[name]["id"]] for name in REFERENCES},
            **{name: [named[each["id"]] for each in row[name]] for name in LISTS},
            "secondaryMetrics": [
                (named[each["metric"]["id"]], each["role"]) for each in row["secondaryMetrics"]
            ],
            "allocations": [
                {"variantIndex": each["variant"]["index"], "weight": each["weight"]}
                for each in row["allocations"]
            ],
            "rampLevels": row["ramp"] and row["ramp"]["levels"],
            "weights": [each["weight"] for each in row["variants"]],
        }


@pytest.fixture
async def experiments(client: httpx.AsyncClient, database: Database) -> Experiments:
    return Experiments(Designer(client, await things(database, "LOCAL")))


def same(one: Any, other: Any) -> bool:
    """Whether two documents are alike; true and 1 are not."""
    return repr(one) == repr(other)


@generated
@given(changes=st.lists(patches, min_size=1, max_size=6))
async def test_any_changes_do_what_they_do_to_a_dict(
    experiments: Experiments, changes: list[dict[str, Any]]
) -> None:
    editor = experiments.editor
    made = await editor.made(key=f"k{next(KEYS)}", name="n", variants=[{} for _ in range(ARMS)])
    row, version = NEW, 1
    for patch in changes:
        payload = await editor.update(
            id=made["id"], expectedVersion=version, **experiments.said(patch)
        )
        refused = wrongs(patch)
        told = {each["path"][0] for error in payload["errors"] for each in error["fields"]}
        assert told == refused
        moved = row if refused else patched(row, patch)
        changed = moved != row or not same(moved["exposureCriteria"], row["exposureCriteria"])
        assert (payload["event"] is not None) == changed
        version += changed
        row = moved
        assert experiments.seen(payload["experiment"]) == row
        assert payload["experiment"]["version"] == version
        assert await editor.read(made["id"]) == payload["experiment"]
