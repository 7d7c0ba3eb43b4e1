"""Whatever bytes arrive, the gateway closes in time, tells of no defect, and goes on as before."""

import json
from collections import Counter
from collections.abc import Iterator
from random import Random, SystemRandom

import pytest

from tests import wire
from tests.fuzzing import SOAK, Target, target
from tests.serving import KEY

pytestmark = pytest.mark.large

SEEDS = pytest.mark.parametrize(
    "seed", [1, SystemRandom().randrange(10**9)], ids=["fixed", "random"]
)
MANY = 3000 if SOAK else 200
GROWTH = 64 * 1024
"""Kibibytes by which a gateway may have grown after anything at all."""
ROOM = 30


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with target(tmp_path_factory.mktemp("fuzzing"), max_streams=str(ROOM)) as opened:
        yield opened


@SEEDS
def test_bytes_that_are_no_http_are_refused_or_hung_up_on(here: Target, seed: int) -> None:
    random, seen, before = Random(seed), Counter[int](), here.memory()  # noqa: S311  no secret
    for _ in range(MANY):
        sent = wire.request(random)
        cut = random.randrange(len(sent) + 1)
        parts = random.choice(([sent], [sent[:cut], sent[cut:]]))
        greetings = random.choice(([], [wire.GOOD]))
        received = wire.exchanged(here.address, parts, random, greetings=greetings)
        found = wire.statuses(received)
        assert all(status < 500 for status in found), (seed, sent, found)
        seen.update(found)
    assert seen[200] > MANY / 4
    assert seen[400] > MANY / 10
    assert here.memory() - before < GROWTH
    here.require_sound()


@SEEDS
def test_frames_that_are_none_close_their_own_socket(here: Target, seed: int) -> None:
    random, opened, before = Random(seed), 0, here.memory()  # noqa: S311  no secret
    for _ in range(MANY):
        sent = wire.frames(random)
        greetings = random.choice(([wire.UPGRADE], [wire.UPGRADE, wire.frame(wire.INIT)]))
        received = wire.exchanged(here.address, [sent], random, greetings=greetings)
        assert wire.statuses(received) in ([101], []), (seed, sent, received[:500])
        opened += b"connection_ack" in received
    assert opened > MANY / 4
    assert here.memory() - before < GROWTH
    here.require_sound()


def test_a_frame_that_is_no_text_and_one_that_closes_may_come_in_one_piece(here: Target) -> None:
    both = wire.frame(b"\xff\xfe") + wire.frame(b"\x03\xe8", wire.CLOSE)
    greetings = [wire.UPGRADE, wire.frame(wire.INIT)]
    received = wire.exchanged(here.address, [both], Random(1), greetings=greetings)  # noqa: S311
    assert received.endswith(b"\x88\x02\x03\xe8")
    here.require_sound()


def test_thousands_of_messages_on_one_socket_are_answered_one_by_one(here: Target) -> None:
    count = 20_000 if SOAK else 1000
    before = here.memory()
    messages = [wire.frame(wire.INIT)]
    for number in range(count):
        messages.append(wire.frame(b'{"type": "complete", "id": "nobody %d"}' % number))
        messages.append(wire.subscribe(f"w{number}", "subscription { nothing }"))
    messages.append(wire.frame(b'{"type": "ping", "payload": "the end"}'))
    received = wire.told(here.address, messages, b'"the end"')
    assert received.count(b'"type":"error"') == count
    assert b'"id":"w%d"' % (count - 1) in received
    assert here.memory() - before < GROWTH
    here.require_sound()


def test_more_subscriptions_than_fit_are_refused_each_and_leave_with_their_socket(
    here: Target,
) -> None:
    query = "subscription { events { cursor } }"
    count = 5000 if SOAK else 500
    for _ in range(3):
        messages = [wire.subscribe(f"s{number}", query) for number in range(count)]
        messages = [
            wire.frame(wire.INIT),
            *messages,
            wire.frame(b'{"type":"ping","payload":"end"}'),
        ]
        received = wire.told(here.address, messages, b'"end"')
        assert received.count(b'"type":"error"') == count - 100
    here.require_sound()


STREAM = json.dumps({"query": "subscription { events { cursor event { id action } } }"}).encode()
FOLLOW = (
    b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Api-Key %s\r\n"
    b"Accept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
) % (KEY.encode(), len(STREAM), STREAM)


@SEEDS
def test_streams_that_are_cut_at_any_moment_make_room_for_others(here: Target, seed: int) -> None:
    random, before = Random(seed), here.memory()  # noqa: S311  no secret
    experiment = here.ids["Experiment"][0]
    heard = 0
    for turn in range(MANY // 2):
        cut = random.randrange(len(FOLLOW)) if random.random() < 0.2 else len(FOLLOW)
        received = wire.exchanged(here.address, [FOLLOW[:cut]], random)
        assert wire.statuses(received) in ([200], []), (seed, received)
        heard += b"text/event-stream" in received
        if turn % 10 == 0:
            given = {"experiment": experiment, "note": f"turn {turn}"}
            note = "mutation($i: AddExperimentNoteInput!) { addExperimentNote(input: $i) { ok } }"
            assert here.ask(note, {"i": given}) == {"data": {"addExperimentNote": {"ok": True}}}
    assert heard > MANY / 5
    here.require_room(ROOM)
    assert here.memory() - before < GROWTH
    here.require_sound()
