"""Any changes of a goal, one after the other, against a dict that is patched alike."""

import os
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import models as m
from models.database import Database
from tests.making import add, id_of, source
from tests.nouns import BY_NAME, Editor

generated = settings(
    max_examples=500 if "TRIALGRAPH_SOAK" in os.environ else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

PEOPLE, WORDS, TEAMS = 4, 3, 2
"""How many users, tags and teams a goal may name."""

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def some(count: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, count - 1), unique=True)


patches = st.fixed_dictionaries(
    {},
    optional={
        "name": st.one_of(texts, st.just("taken"), st.none()),
        "description": st.one_of(texts, st.none()),
        "type": st.sampled_from(["UNIQUE", "COUNT", "OTHER", None]),
        "archived": st.sampled_from([True, False, None]),
        "owners": st.one_of(some(PEOPLE), st.none()),
        "tags": st.one_of(some(WORDS), st.none()),
        "teams": st.one_of(some(TEAMS), st.none()),
    },
)
KINDS: dict[str, Any] = {"owners": PEOPLE, "tags": WORDS, "teams": TEAMS}
NEW: dict[str, Any] = {"description": None, "type": None, "archived": False}
NEW |= {name: [] for name in KINDS}


def wrongs(patch: dict[str, Any]) -> list[str]:
    """The codes of the refusal that the patch deserves."""
    name, archived = patch.get("name", "sound"), patch.get("archived", False)
    unsound = name is None or archived is None or not name.strip()
    return ["ValidationFailed"] * unsound + ["Taken"] * (name == "taken")


def patched(row: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The row with the patch: null clears, a list replaces."""
    said = {name: [] if value is None and name in KINDS else value for name, value in patch.items()}
    return {**row, **said}


class Goals:
    """A client's view of goals, in which rows are known by their places in lists."""

    def __init__(self, editor: Editor, ids: dict[str, list[str]]) -> None:
        self.editor = editor
        self.ids = ids

    def said(self, patch: dict[str, Any]) -> dict[str, Any]:
        return {
            name: [self.ids[name][place] for place in value] if name in KINDS and value else value
            for name, value in patch.items()
        }

    def seen(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            name: [self.ids[name].index(each["id"]) for each in value] if name in KINDS else value
            for name, value in row.items()
            if name not in {"id", "version"}
        }


@pytest.fixture
async def goals(client: httpx.AsyncClient, database: Database) -> Goals:
    ours = await source(database, m.Platform.LOCAL)
    rows: dict[str, list[Any]] = {
        "owners": [m.User(source_id=ours, email=f"{n}@example.com") for n in range(PEOPLE)],
        "tags": [m.Tag(source_id=ours, kind=m.TagKind.GOAL, tag=f"tag {n}") for n in range(WORDS)],
        "teams": [m.Team(source_id=ours, name=f"team {n}") for n in range(TEAMS)],
    }
    await add(
        database,
        m.Goal(source_id=ours, name="taken"),
        *(row for made in rows.values() for row in made),
    )
    ids = {name: [id_of(row) for row in made] for name, made in rows.items()}
    return Goals(Editor(client, BY_NAME["goal"]), ids)


@generated
@given(changes=st.lists(patches, min_size=1, max_size=6))
async def test_any_changes_do_what_they_do_to_a_dict(
    goals: Goals, changes: list[dict[str, Any]]
) -> None:
    made = (await goals.editor.create(name="a goal"))["goal"]
    row, version = {**NEW, "name": "a goal"}, 1
    for patch in changes:
        payload = await goals.editor.update(
            id=made["id"], expectedVersion=version, **goals.said(patch)
        )
        refused = wrongs(patch)
        assert [error["__typename"] for error in payload["errors"]] == refused
        moved = row if refused else patched(row, patch)
        assert (payload["event"] is not None) == (moved != row)
        version += moved != row
        row = moved
        assert goals.seen(payload["goal"]) == row
        assert payload["goal"]["version"] == version
    assert (await goals.editor.delete(id=made["id"], expectedVersion=version))["ok"] is True
