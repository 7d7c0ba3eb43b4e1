"""Pages that hold while the list changes, and cursors that are not taken from strangers."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database

PAGE = """query Page($first: Int, $after: String, $last: Int, $before: String,
    $orderBy: [ExperimentOrder!]) {
  experiments(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
    nodes { key }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
NEWEST_FIRST = [{"createdAt": "DESC"}]


async def add(database: Database, *keys: str, days: dict[str, int | None]) -> None:
    """Experiments made on the given days of January; None is a day that nobody knows."""
    async with database.write() as session:
        source = await session.get(m.Source, 1)
        if source is None:
            source = m.Source(name="s", platform=m.Platform.LOCAL)
            session.add(source)
            await session.flush()
        for key in keys:
            family = m.Family(source_id=source.id, key=key)
            session.add(family)
            await session.flush()
            day = days[key]
            made = None if day is None else datetime(2026, 1, day, tzinfo=UTC)
            session.add(
                m.Experiment(
                    key=key, name=key, created_at=made, family_id=family.id, source_id=source.id
                )
            )


async def ask(client: httpx.AsyncClient, **variables: Any) -> Any:
    answer = await client.post("/graphql", json={"query": PAGE, "variables": variables})
    return answer.json()


async def page(client: httpx.AsyncClient, **variables: Any) -> tuple[str, Any]:
    body = await ask(client, orderBy=NEWEST_FIRST, **variables)
    found = body["data"]["experiments"]
    return "".join(node["key"] for node in found["nodes"]), found["pageInfo"]


DAYS = {"a": 9, "b": 7, "c": 7, "d": 7, "e": 3, "f": None, "g": None}


async def test_what_is_inserted_meanwhile_neither_repeats_nor_skips_a_row(
    client: httpx.AsyncClient, database: Database
) -> None:
    await add(database, *DAYS, days=DAYS)
    first, info = await page(client, first=3)
    await add(database, "x", "y", "z", days={"x": 20, "y": 7, "z": 1})
    second, info = await page(client, first=3, after=info["endCursor"])
    third, info = await page(client, first=9, after=info["endCursor"])

    assert (first, second, third) == ("abc", "dye", "zfg")
    assert info["hasNextPage"] is False


async def test_a_cursor_holds_when_its_row_is_gone(
    client: httpx.AsyncClient, database: Database
) -> None:
    await add(database, *DAYS, days=DAYS)
    _, info = await page(client, first=3)
    async with database.write() as session:
        await session.delete(await session.get(m.Experiment, 3))
    second, _ = await page(client, first=2, after=info["endCursor"])

    assert second == "de"


async def test_a_page_lies_between_its_two_cursors(
    client: httpx.AsyncClient, database: Database
) -> None:
    await add(database, *DAYS, days=DAYS)
    _, start = await page(client, first=1)
    _, end = await page(client, last=1)
    inside, info = await page(client, first=9, after=start["endCursor"], before=end["startCursor"])

    assert inside == "bcdef"
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (True, False)


async def test_the_last_rows_come_in_the_order_of_the_list(
    client: httpx.AsyncClient, database: Database
) -> None:
    await add(database, *DAYS, days=DAYS)
    last, info = await page(client, last=3)

    assert last == "efg"
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (True, False)


def cursor(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


NAMES = '[["createdAt:DESC","id"],'
BAD_CURSORS = {
    "no cursor at all": "nonsense",
    "not text": "ÿþ",
    "not JSON": cursor("hello"),
    "another shape": cursor("{}"),
    "too few values": cursor(NAMES + "[1]]"),
    "a value of another type": cursor(NAMES + "[5,1]]"),
    "no moment": cursor(NAMES + '["yesterday",1]]'),
    "no number of a row": cursor(NAMES + '["2026-01-01T00:00:00+00:00",null]]'),
    "a number too large": cursor(NAMES + f'["2026-01-01T00:00:00+00:00",{2**70}]]'),
    "a number that is none": cursor(NAMES + '["2026-01-01T00:00:00+00:00",true]]'),
    "nested without end": cursor("[" * 5000),
}


@pytest.mark.parametrize("bad", BAD_CURSORS.values(), ids=BAD_CURSORS.keys())
@pytest.mark.parametrize("side", ["after", "before"])
async def test_a_bad_cursor_is_bad_input_with_its_path(
    client: httpx.AsyncClient, side: str, bad: str
) -> None:
    body = await ask(client, orderBy=NEWEST_FIRST, **{side: bad})
    [error] = body["errors"]

    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["path"] == ["experiments"]
    assert error["message"].startswith(f"{side} is ")


async def test_a_cursor_of_another_order_is_refused(
    client: httpx.AsyncClient, database: Database
) -> None:
    await add(database, *DAYS, days=DAYS)
    _, info = await page(client, first=1)
    body = await ask(client, orderBy=[{"name": "ASC"}], after=info["endCursor"])

    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert body["errors"][0]["message"].startswith("after is a cursor of another order: ")


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ({"first": 201}, "first is 201; it may be 0 to 200."),
        ({"first": -1}, "first is -1; it may be 0 to 200."),
        ({"last": 999}, "last is 999; it may be 0 to 200."),
    ],
)
async def test_a_window_of_no_size_that_is_answered_is_refused_before_anything_runs(
    client: httpx.AsyncClient, window: dict[str, int], message: str
) -> None:
    body = await ask(client, **window)
    [error] = body["errors"]

    assert body.keys() == {"errors"}
    assert (error["message"], error["extensions"]["code"]) == (message, "BAD_USER_INPUT")
    assert [place["line"] for place in error["locations"]] == [3]


async def test_a_window_has_one_end(client: httpx.AsyncClient) -> None:
    body = await ask(client, first=1, last=1)
    [error] = body["errors"]

    assert (error["message"], error["extensions"]["code"], error["path"]) == (
        "Give first or last, not both.",
        "BAD_USER_INPUT",
        ["experiments"],
    )


async def test_an_order_names_one_field(client: httpx.AsyncClient) -> None:
    body = await ask(client, orderBy=[{"name": "ASC", "key": "ASC"}])

    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "data" not in body or body["data"] is None


OTHER_CURSORS = {
    "a moment out of range": ("createdAt", '"0001-01-01T00:00:00+14:00"'),
    "a moment without a zone": ("createdAt", '"2026-01-01T00:00:00"'),
    "a number too large for its column": ("iteration", "1099511627776"),
    "a rank too large": ("phase", "1099511627776"),
    "a fraction for a whole number": ("iteration", "1.5"),
    "no number": ("percentageOfTraffic", "NaN"),
    "a text for a number": ("percentageOfTraffic", '"1"'),
    "half a character": ("name", '"\\ud800"'),
    "NUL": ("name", '"a\\u0000"'),
}


@pytest.mark.parametrize(("field", "value"), OTHER_CURSORS.values(), ids=OTHER_CURSORS.keys())
async def test_a_cursor_that_no_row_can_have_is_bad_input(
    client: httpx.AsyncClient, field: str, value: str
) -> None:
    bad = cursor(f'[["{field}:ASC","id"],[{value},1]]')
    body = await ask(client, orderBy=[{field: "ASC"}], after=bad)
    [error] = body["errors"]

    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"].startswith("after is not a cursor: ")


async def test_a_large_fraction_is_a_place_like_any_other(
    client: httpx.AsyncClient, database: Database
) -> None:
    await add(database, *DAYS, days=DAYS)
    large = cursor('[["percentageOfTraffic:ASC","id"],[2e30,1]]')
    body = await ask(client, orderBy=[{"percentageOfTraffic": "ASC"}], after=large)

    assert len(body["data"]["experiments"]["nodes"]) == len(DAYS)
