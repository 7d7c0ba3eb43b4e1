"""Every form that a file of ABsmartly may have, and what is refused; refusals write nothing."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import models
from connectors.absmartly.answers import ABSMARTLY, recognise
from connectors.errors import PayloadRefused
from connectors.importing import import_documents, import_files
from connectors.payloads.documents import Document
from connectors.report import Report
from models.database import Database
from models.errors import BadUserInput
from models.phase import Platform

START_RESPONSE = Path(__file__).parent / "payloads" / "absmartly" / "start_response.json"

CHECKOUT = {"id": 1, "name": "checkout", "state": "running", "iteration": 1}
BASKET = {"id": 2, "name": "basket", "state": "created", "iteration": 1}


async def take(database: Database, *payloads: Any) -> Report:
    """Import payloads that are known to be ABsmartly's, each a file of its own."""
    texts = [item if isinstance(item, bytes) else json.dumps(item).encode() for item in payloads]
    documents = [Document(f"file-{place}", BytesIO(text)) for place, text in enumerate(texts)]
    return await import_documents(database, documents, vocabulary=ABSMARTLY)


async def names(database: Database) -> dict[str, list[str]]:
    """What there is of the things that have names, by type."""
    found = {}
    async with database.read() as session:
        for kind in ("experiment", "metric", "goal", "team", "user", "tag", "application", "note"):
            columns = models.Source.metadata.tables[kind].columns
            name = {"user": "email", "tag": "tag", "note": "note"}.get(kind, "name")
            rows = await session.execute(select(columns[name]).order_by(columns.id))
            if said := list(rows.scalars()):
                found[kind] = said
    return found


async def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    async with database.read() as session:
        return {
            table.name: [
                tuple(row)
                for row in await session.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in models.Source.metadata.sorted_tables
        }


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"experiments": [CHECKOUT, None, BASKET], "page": 1, "items": 2, "total": 2},
            {"experiment": ["checkout", "basket"]},
        ),
        ({"total": 0, "experiments": []}, {}),
        ({"experiment": CHECKOUT}, {"experiment": ["checkout"]}),
        (
            {"ok": True, "errors": [], "experiment": CHECKOUT, "new_experiment": BASKET},
            {"experiment": ["checkout", "basket"]},
        ),
        (CHECKOUT, {"experiment": ["checkout"]}),
        ([CHECKOUT, BASKET], {"experiment": ["checkout", "basket"]}),
        ([{"experiments": [CHECKOUT]}, BASKET], {"experiment": ["checkout", "basket"]}),
        (
            {"metrics": [{"id": 20, "name": "m"}], "goals": [{"id": 70, "name": "g"}]},
            {"metric": ["m"], "goal": ["g"]},
        ),
        ({"teams": [{"id": 4, "name": "t"}], "total": 1}, {"team": ["t"]}),
        ({"users": [{"id": 3, "email": "a@b.c"}]}, {"user": ["a@b.c"]}),
        ({"goal_tags": [{"id": 1, "tag": "x"}], "metric_tags": []}, {"tag": ["x"]}),
        ({"applications": [{"id": 1, "name": "ios"}]}, {"application": ["ios"]}),
        ({"id": 20, "name": "m", "type": "goal_count", "goal_id": 0}, {"metric": ["m"]}),
        ({"id": 70, "name": "g", "tags": [], "owners": [], "teams": []}, {"goal": ["g"]}),
        ({"id": 4, "name": "t", "initials": "T"}, {"team": ["t"]}),
        ({"id": 3, "email": "a@b.c", "first_name": "A"}, {"user": ["a@b.c"]}),
        (
            {"experiment_note": {"id": 5, "experiment_id": 0, "note": "n"}, "experiment": CHECKOUT},
            {"experiment": ["checkout"], "note": ["n"]},
        ),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
async def test_a_form_is_taken(
    database: Database, payload: Any, expected: dict[str, list[str]]
) -> None:
    await take(database, payload)
    assert await names(database) == expected


async def test_several_files_are_one_import(database: Database) -> None:
    report = await take(database, {"experiments": [CHECKOUT]}, BASKET, {"goal": {"name": "g"}})

    assert await names(database) == {"experiment": ["checkout", "basket"], "goal": ["g"]}
    assert list(report.rows()) == [("experiment", 2, 0, 0, 0), ("goal", 1, 0, 0, 0)]


async def test_answers_about_what_the_graph_does_not_have_are_counted(database: Database) -> None:
    report = await take(
        database, {"roles": [{"id": 1}, {"id": 2}], "webhooks": [], "ok": True, "later": 1}
    )

    assert await names(database) == {}
    assert list(report.rows()) == [("roles", 0, 0, 0, 2)]
    assert report.reasons == {("roles", "the graph has no place for it"): 2}
    assert report.unknown_keys == {("answer", "later"): 1}


async def test_what_the_platform_reports_is_not_fatal(database: Database) -> None:
    report = await take(
        database,
        {"ok": True, "errors": ["note too long", {"message": "and late"}], "experiment": CHECKOUT},
    )

    assert report.upstream_errors == [("file-0", "note too long"), ("file-0", "and late")]
    assert report.outcomes == {("experiment", "created"): 1}


def lists_of(*items: Any) -> dict[str, Any]:
    return {"experiments": list(items)}


REFUSED: list[tuple[Any, str]] = [
    (START_RESPONSE.read_bytes()[:5_000], "file-0:1:4990: broken JSON: the file ends too early"),
    (b"", "file-0:1:1: the file is empty (byte 0)"),
    (b"plain text", "file-0:1:1: broken JSON: expecting value (byte 0)"),
    (b'{"experiments": [{"id": 1}', "file-0:1:27: broken JSON: the file ends too early (byte 26)"),
    (b'{"experiments": [{"id": NaN}]}', "file-0:1:25: NaN is no number in JSON (byte 24)"),
    (5, "file-0: not a payload of ABsmartly: 5"),
    ([], "file-0: not a payload of ABsmartly: a list"),
    ([CHECKOUT, 5], "file-0: [1]: not a payload of ABsmartly: 5"),
    ({}, "file-0: not a payload of ABsmartly: an empty object"),
    ({"data": [CHECKOUT]}, "file-0: not a payload of ABsmartly: an object with the keys data"),
    (
        {"id": 1, "name": "x", "colour": "y"},
        "file-0: not a payload of ABsmartly: an object with the keys id, name, colour",
    ),
    (
        [CHECKOUT, {"id": 1, "name": "x", "colour": "y"}],
        (
            "file-0: [1]: not a payload of ABsmartly: an object with the keys id, name, colour; "
            'if it is one of its things, say which: {"experiment": …}'
        ),
    ),
    (
        {"ok": False, "errors": ["name is taken", "no owner"]},
        "file-0: the platform answered with a failure: name is taken; no owner",
    ),
    (lists_of({**CHECKOUT, "iteration": "x"}), "file-0: experiments[0].iteration: expected a "),
    (lists_of(CHECKOUT, 7), "file-0: experiments[1]: expected an object, got 7"),
    ({"experiments": {"id": 1}}, "file-0: experiments: expected a list, got an object"),
    ({"experiment": [1]}, "file-0: experiment: expected an object, got a list"),
    (
        lists_of(CHECKOUT, {"id": "exp_1", "name": "x"}),
        "file-0: experiments[1].id: expected a whole number, got 'exp_1'",
    ),
    (lists_of({**CHECKOUT, "owners": 5}), "file-0: experiments[0].owners: expected an object"),
    (
        lists_of({**CHECKOUT, "owners": [{"user": "bob"}]}),
        "file-0: experiments[0].owners[0].user: expected an object, got 'bob'",
    ),
    (
        lists_of({**CHECKOUT, "unit_type": {"id": 1, "name": ["a"]}}),
        "file-0: experiments[0].unit_type.name: expected a text, got a list",
    ),
    (
        lists_of({**CHECKOUT, "owners": [{"user_id": "x"}]}),
        "file-0: experiments[0].owners[0].user_id: expected a whole number, got 'x'",
    ),
    (
        lists_of({**CHECKOUT, "variants": [{"variant": 2**31}]}),
        "file-0: experiments[0].variants[0].variant: expected a whole number of 32 bits",
    ),
    (
        lists_of({**CHECKOUT, "experiment_report": {"full_on_variant": "x"}}),
        "file-0: experiments[0].experiment_report.full_on_variant: expected a whole number",
    ),
    (lists_of({**CHECKOUT, "start_at": "soon"}), "file-0: experiments[0].start_at: expected a mom"),
    (lists_of({**CHECKOUT, "archived": "maybe"}), "file-0: experiments[0].archived: expected true"),
    (lists_of({**CHECKOUT, "name": "x" * 3000}), "file-0: experiments[0].name: expected a text of"),
    (lists_of({**CHECKOUT, "name": "a\0b"}), "file-0: experiments[0].name: a NUL character"),
    (lists_of({**CHECKOUT, "name": "\ud800"}), "file-0: experiments[0].name: a NUL character or"),
    (b'{"experiments": ["\xff"]}', "file-0:1:19: not UTF-8 (byte 18)"),
    (b'{"experiments": [' + b"[" * 300 + b"]" * 300 + b"]}", "file-0:1:18: nested deeper than 200"),
]


@pytest.mark.parametrize(
    ("payload", "message"), REFUSED, ids=[message[8:75] for _, message in REFUSED]
)
async def test_a_broken_file_is_refused_and_nothing_is_written(
    database: Database, payload: Any, message: str
) -> None:
    await take(database, {"experiments": [BASKET]})
    before = await dump(database)
    with pytest.raises(PayloadRefused) as refused:
        await take(database, payload)

    assert str(refused.value).startswith(message)
    assert await dump(database) == before


async def test_one_broken_file_refuses_them_all(database: Database) -> None:
    before = await dump(database)
    with pytest.raises(PayloadRefused) as refused:
        await take(database, {"experiments": [CHECKOUT]}, b"{")

    assert (refused.value.file, refused.value.code) == ("file-1", "PAYLOAD_REFUSED")
    assert await dump(database) == before


async def test_a_failure_while_writing_leaves_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await dump(database)

    async def fail(_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("connectors.payloads.order.unite_families", fail)
    with pytest.raises(RuntimeError):
        await import_files(database, [START_RESPONSE])

    assert await dump(database) == before


async def test_a_source_of_another_platform_is_refused(database: Database) -> None:
    async with database.write() as session:
        session.add(models.Source(name="shop", platform=Platform.POSTHOG))
    before = await dump(database)
    with pytest.raises(BadUserInput, match="'shop' belongs to POSTHOG"):
        await import_files(database, [START_RESPONSE], source="shop", vocabulary=ABSMARTLY)

    assert await dump(database) == before


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ({"id": 1, "name": "x", "state": "running"}, "experiment"),
        ({"id": 1, "name": "x", "state": "open"}, None),
        ({"id": 1, "name": "x", "nr_variants": 2}, "experiment"),
        ({"id": 1, "name": "x", "archived": False}, None),
        ({"id": 1, "note": "x", "action": "stop"}, "note"),
        ({"id": 1, "tag": "x"}, None),
        ({"id": 1, "tag": "x", "goals": [None]}, "goal_tag"),
        ({"id": 1, "name": "x", "value_source_attribute": "y"}, "segment"),
        ({"id": 1, "name": "x", "color": "#fff"}, "metric_category"),
        ({"id": 1, "name": "x", "color": "#fff", "initials": "X"}, "team"),
        ({"id": 1, "file_name": "x", "base_url": "y"}, "file"),
        ({"id": 1, "title": "x", "section_id": 1}, "custom_field"),
        ({"id": 1, "experiment_id": 1, "metadata": None}, "alert"),
    ],
    ids=json.dumps,
)
def test_a_bare_object_is_told_by_its_keys(value: dict[str, Any], shape: str | None) -> None:
    assert recognise(value) == shape


def test_every_answer_leads_to_a_shape() -> None:
    named = {*ABSMARTLY.lists.values(), *ABSMARTLY.singles.values()}
    assert named <= ABSMARTLY.shapes.keys()
    assert not ABSMARTLY.placeless & (ABSMARTLY.lists.keys() | ABSMARTLY.singles.keys())
