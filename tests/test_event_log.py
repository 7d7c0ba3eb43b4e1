"""The event log has an order that nothing is ever added to but at its end."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select, update
from sqlmodel import col

import models as m
from models.database import Database
from models.errors import BadUserInput
from resolvers import feed as feeds
from resolvers import log
from resolvers.access import Viewer
from resolvers.context import Context
from resolvers.feed import Feed, FellBehind, Interest, Told
from resolvers.log import Place, place_of
from tests.conftest import Statements
from tests.following import CAUSE, PATIENCE, happen, until
from tests.making import experiment

EVERYTHING = Interest("everything", lambda _: select(col(m.Event.id), literal(1).label("beside")))


async def cause() -> Viewer:
    return CAUSE


async def following(
    feed: Feed, after: str | None = None, interest: Interest = EVERYTHING
) -> AsyncGenerator[Told]:
    return feed.follow(interest, await feed.start(after), cause)


async def first(source: AsyncGenerator[Told], count: int) -> list[m.Event]:
    async with asyncio.timeout(PATIENCE):
        return [(await anext(source)).event for _ in range(count)]


async def test_transactions_that_commit_in_the_other_order_are_both_told_once(
    database: Database,
) -> None:
    """On SQLite the second one waits for the first: they cannot."""
    row = await experiment(database)
    recorded, may_commit = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with Context(database, CAUSE).transaction() as change:
            await change.record(row, "SLOW", None, None)
            recorded.set()
            await may_commit.wait()

    async def quick() -> None:
        await recorded.wait()
        await happen(database, row, "QUICK")

    source = await following(Feed(database))
    waiting = asyncio.ensure_future(first(source, 2))
    transactions = [asyncio.ensure_future(work()) for work in (slow, quick)]
    await recorded.wait()
    if not database.is_sqlite:
        await transactions[1]
    await asyncio.sleep(0.3)
    early = waiting.done()
    may_commit.set()
    told = await waiting
    await asyncio.gather(*transactions)
    async with database.read() as session:
        everything = await log.read_on(session, log.BEGINNING, 100)
    await source.aclose()

    assert not early
    assert [event.action for event in told] == ["SLOW", "QUICK"]
    assert [event.id for event in told] == [event.id for event in everything.events]


async def test_who_resumes_while_a_transaction_is_open_misses_nothing_of_it(
    database: Database,
) -> None:
    row = await experiment(database)
    await happen(database, row, "BEFORE")
    async with Context(database, CAUSE).transaction() as change:
        await change.record(row, "OPEN", None, None)
        if not database.is_sqlite:
            await happen(database, row, "QUICK")
        async with database.read() as session:
            end = await log.end(session)
            seen = await log.read_on(session, log.BEGINNING, 100)
    source = await following(Feed(database), end.cursor)
    told = await first(source, 1 if database.is_sqlite else 2)
    await source.aclose()

    assert [event.action for event in seen.events] == ["BEFORE"]
    assert seen.held is not database.is_sqlite
    assert [event.action for event in told] == ["OPEN", "QUICK"][: len(told)]


async def test_many_writers_at_once_lose_and_double_nothing(database: Database) -> None:
    row = await experiment(database)
    source = await following(Feed(database))
    random = Random(11)  # noqa: S311  how long transactions take, and no secret

    async def write(writer: int) -> None:
        for turn in range(5):
            async with Context(database, CAUSE).transaction() as change:
                await change.record(row, f"{writer} {turn} a", None, None)
                await asyncio.sleep(random.uniform(0, 0.01))
                await change.record(row, f"{writer} {turn} b", None, None)

    waiting = asyncio.ensure_future(first(source, 100))
    await asyncio.gather(*(write(writer) for writer in range(10)))
    told = await waiting
    await source.aclose()

    assert len({event.id for event in told}) == 100
    assert [*map(place_of, told)] == sorted(map(place_of, told))


async def test_followers_of_the_same_are_asked_for_together(
    database: Database, statements: Statements
) -> None:
    row = await experiment(database)
    feed = Feed(database)
    sources = [await following(feed) for _ in range(20)]
    waiting = [asyncio.ensure_future(first(source, 1)) for source in sources]
    await until(lambda: len(feed._followers) == 20 and feed._started.is_set())  # noqa: SLF001
    statements.clear()
    await happen(database, row, "ONCE")
    told = await asyncio.gather(*waiting)
    asked = [statement for statement in statements.seen if "FROM event" in statement]
    for source in sources:
        await source.aclose()

    assert [[event.action for event in each] for each in told] == [["ONCE"]] * 20
    judged = [statement for statement in asked if "transaction_id" not in statement]
    assert len(judged) == 1
    assert len(asked) < 20  # the log itself is looked at when there is a commit, and by the clock


async def test_nobody_reads_the_log_for_nobody(database: Database, statements: Statements) -> None:
    row = await experiment(database)
    feed = Feed(database)
    source = await following(feed)
    waiting = asyncio.ensure_future(first(source, 1))
    await happen(database, row, "HEARD")
    await waiting
    await source.aclose()
    await until(lambda: feed._reading is None)  # noqa: SLF001
    statements.clear()
    await happen(database, row, "UNHEARD")
    await asyncio.sleep(0.5)

    assert [statement for statement in statements.seen if "FROM event" in statement] == []


async def test_a_follower_that_falls_behind_is_told_where_to_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST_WAITING", 3)
    row = await experiment(database)
    feed = Feed(database)
    source = await following(feed)
    waiting = asyncio.ensure_future(first(source, 1))
    await happen(database, row, "1")
    [taken] = await waiting
    await happen(database, row, "2", "3", "4", "5")
    await until(lambda: all(each.fell_behind for each in feed._followers))  # noqa: SLF001
    with pytest.raises(FellBehind) as caught:
        await anext(source)
    again = await following(feed, str(caught.value.extensions["cursor"]))
    told = await first(again, 4)
    await again.aclose()

    assert caught.value.extensions == {"cursor": place_of(taken).cursor, "retryable": True}
    assert [event.action for event in told] == ["2", "3", "4", "5"]


async def test_who_follows_from_the_beginning_reads_all_of_a_long_log(database: Database) -> None:
    row = await experiment(database)
    async with Context(database, CAUSE).transaction() as change:
        for number in range(feeds.MOST_AT_ONCE * 2 + 1):
            await change.record(row, str(number), None, None)
    async with aclosing(await following(Feed(database), log.BEGINNING.cursor)) as source:
        told = await first(source, feeds.MOST_AT_ONCE * 2 + 1)

    assert [event.action for event in told] == [
        str(number) for number in range(feeds.MOST_AT_ONCE * 2 + 1)
    ]


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "?",
        "é",
        "W10",
        *map(
            encoded,
            ("[1]", "[1, 2, 3]", "[1,2]", "[-1, 2]", "[true, 2]", "[1.0, 2]", f"[1, {2**63}]"),
        ),
        encoded("[" * 100_000),
        encoded('{"a": 1}'),
    ],
)
def test_what_is_no_cursor_is_refused_by_name(cursor: str) -> None:
    with pytest.raises(BadUserInput, match="after is not a cursor of the event log: "):
        log.decode(cursor)


@given(st.text() | st.lists(st.integers() | st.floats() | st.none()).map(json.dumps).map(encoded))
def test_a_text_is_a_cursor_or_is_refused(text: str) -> None:
    with suppress(BadUserInput):  # and nothing else is raised
        assert log.decode(text).cursor == text


@given(st.tuples(*[st.integers(0, 2**63 - 1)] * 2))
def test_the_cursor_of_a_place_leads_back_to_it(numbers: tuple[int, int]) -> None:
    assert log.decode(Place(*numbers).cursor) == Place(*numbers)


async def test_a_cursor_of_another_log_is_refused(database: Database) -> None:
    """A restored database would tell other events, or miss some, without a word."""
    row = await experiment(database)
    [number] = await happen(database, row, "ONE")
    async with database.read() as session:
        place = await log.end(session)
    feed = Feed(database)

    assert place.event_id == number
    assert await feed.start(place.cursor) == place
    for other in (Place(place.transaction_id + 1, number), Place(place.transaction_id, number + 1)):
        with pytest.raises(BadUserInput, match="after is a cursor of another event log: "):
            await feed.start(other.cursor)


async def test_an_empty_log_ends_where_it_begins(database: Database) -> None:
    assert await Feed(database).start(None) == log.BEGINNING
    assert await Feed(database).start(log.BEGINNING.cursor) == log.BEGINNING


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_log_that_was_restored_where_transactions_count_anew_goes_on_at_its_end(
    database: Database,
) -> None:
    row = await experiment(database)
    early, late = await happen(database, row, "EARLY", "LATE")
    async with database.write() as session:
        await session.execute(
            update(m.Event).where(col(m.Event.id) == late).values(transaction_id=10**12)
        )
    restored = Place(10**12, late).cursor
    for _ in range(2):  # the second time there is nothing left to do
        async with database.write() as session:
            await log.adopt(session)
        await happen(database, row, "NEW")
    async with aclosing(await following(Feed(database), log.BEGINNING.cursor)) as source:
        told = await first(source, 4)

    assert [event.id for event in told][:2] == [early, late]
    assert [event.action for event in told] == ["EARLY", "LATE", "NEW", "NEW"]
    with pytest.raises(BadUserInput, match="another event log"):
        await Feed(database).start(restored)
