"""What fields must be, as pure functions: texts, addresses, and JSON of any form."""

import json
import os
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules import (
    LARGEST_WHOLE,
    Rule,
    brief_text,
    json_rule,
    mail_address,
    name_text,
    number_rule,
    trimmed_text,
    web_address,
    words,
)
from models.shapes import (
    Shape,
    chosen,
    every,
    first,
    flag,
    items,
    members,
    nullable,
    number,
    one_of,
    text,
    whole,
)

generated = settings(max_examples=2000 if "TRIALGRAPH_SOAK" in os.environ else 100, deadline=None)


def broken(rule: Rule, value: Any) -> str | None:
    """The name of the rule that a value breaks."""
    error = rule(("x",), value)
    return error.rule if error else None


TEXTS: list[tuple[Rule, Any, str | None]] = [
    (name_text, "a" * 400, None),
    (name_text, "a" * 401, "max_length"),
    (name_text, "\u3000", "required"),
    (name_text, "a\0b", "text"),
    (name_text, "a\ud800", "text"),
    (brief_text, "", None),
    (brief_text, "a" * 401, "max_length"),
    (trimmed_text(3, 5), "abcde", None),
    (trimmed_text(3, 5), "ab", "min_length"),
    (trimmed_text(3, 5), "abcdef", "max_length"),
    (trimmed_text(3, 5), "ab\n", "trimmed"),
    (trimmed_text(3, 5), "a\0b", "text"),
    (number_rule(0, 1), 1, None),
    (number_rule(0, 1), 1.1, "range"),
    (number_rule(0, 1), nan, "range"),
    (number_rule(0, 1), inf, "range"),
    (words, ["a", "b"], None),
    (words, [], None),
    (words, ["a", "a"], "duplicate"),
    (words, [" "], "required"),
    (words, ["a" * 256], "max_length"),
    (words, [str(n) for n in range(201)], "max_items"),
]


@pytest.mark.parametrize(("rule", "value", "expected"), TEXTS, ids=range(len(TEXTS)))
def test_a_text_a_number_and_a_list_of_words(rule: Rule, value: Any, expected: str | None) -> None:
    assert broken(rule, value) == expected


@pytest.mark.parametrize(
    "value",
    ["a@b.co", "o'neil+x.y@mail.example.com", "zoë@exämple.com", "a" * 64 + "@b.co", "1@2.3"],
)
def test_what_looks_like_a_mail_address_is_one(value: str) -> None:
    assert broken(mail_address, value) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a",
        "a@",
        "@b.co",
        "a@b",
        "a@b.",
        "a@.co",
        "a@b..co",
        "a@b_c.co",
        "a@-b.co",
        "a@b-.co",
        "a@b.co\n",
        " a@b.co",
        "a b@c.co",
        "a@b@c.co",
        "Ann <a@b.co>",
        "a,b@c.co",
        "a\0@b.co",
        "a\ud800@b.co",
        "a" * 65 + "@b.co",
        "a@" + "b." * 130 + "co",
    ],
)
def test_what_does_not_look_like_a_mail_address_is_none(value: str) -> None:
    assert broken(mail_address, value) == "email"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://example.com/a.png?x=1", None),
        ("HTTP://localhost:8000", None),
        ("javascript:alert(1)", "url"),
        ("data:text/html,x", "url"),
        ("//example.com/a", "url"),
        ("/files/a.png", "url"),
        ("https://", "url"),
        ("http://[::1", "url"),
        ("https://example.com/a b", "url"),
        ("https://example.com/\0", "url"),
        ("https://example.com/" + "a" * 2000, "url"),
    ],
)
def test_an_address_is_fetched_by_http(value: str, expected: str | None) -> None:
    assert broken(web_address, value) == expected


unstorable = st.sampled_from(["\0", "a\ud800", "\udfff"])
texts = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), unstorable)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-LARGEST_WHOLE - 2, LARGEST_WHOLE + 2),
    st.floats(),
    texts,
)
documents = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


def unsound(value: Any, level: int = 1) -> bool:
    """Whether a value has more than 3 levels, or holds what JSON or a database cannot."""
    if level > 3:
        return True
    if isinstance(value, dict):
        inner = any(unsound(each, level + 1) for each in value.values())
        return inner or any(unsound(name, level) for name in value)
    if isinstance(value, list):
        return any(unsound(each, level + 1) for each in value)
    if isinstance(value, str):
        return "\0" in value or any(0xD800 <= ord(letter) < 0xE000 for letter in value)
    if isinstance(value, float):
        return value != value or value in (inf, -inf)  # noqa: PLR0124  that is what NaN is
    return isinstance(value, int) and abs(value) > LARGEST_WHOLE


@generated
@given(document=documents, kind=st.sampled_from([None, dict, list]), most=st.integers(0, 60))
def test_a_document_is_taken_where_a_slow_look_takes_it(
    document: Any, kind: Any, most: int
) -> None:
    wrong = (kind is not None and not isinstance(document, kind)) or unsound(document)
    if not wrong:
        written = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        wrong = len(written.encode()) > most

    assert (broken(json_rule(kind, most=most, deepest=3), document) is not None) == wrong


def test_a_document_of_any_depth_is_judged() -> None:
    document: Any = 1
    for _ in range(100_000):
        document = [document]

    assert broken(json_rule(), document) == "max_depth"


PET = chosen(
    "kind",
    {
        "cat": members({"lives": whole(0, 9)}, {"name": nullable(text(3))}, closed=True),
        "dog": members({"tricks": items(one_of("sit", "roll"), least=1, most=2)}),
    },
)


SHAPES: list[tuple[Shape, Any, list[tuple[str, str]]]] = [
    (flag, True, []),
    (flag, 1, [("x", "type")]),
    (number(0, 1), 0.5, []),
    (number(0, 1), True, [("x", "type")]),
    (number(0, 1), nan, [("x", "range")]),
    (whole(0, 9), 3.0, []),
    (whole(0, 9), 3.5, [("x", "type")]),
    (whole(0, 9), "3", [("x", "type")]),
    (first(flag), [True, 1], []),
    (first(flag), [], [("x", "required")]),
    (first(flag), {}, [("x", "type")]),
    (first(flag), [1], [("x.0", "type")]),
    (every(text(3), one_of("a")), "abcd", [("x", "length"), ("x", "one_of")]),
    (members({}, {"a": flag, "b": flag}, least=1, most=1), {}, [("x", "required")]),
    (
        members({}, {"a": flag, "b": flag}, least=1, most=1),
        {"a": True, "b": True},
        [("x", "items")],
    ),
    (PET, {"kind": "dog", "tricks": ["sit"], "age": 3}, []),
    (PET, {"kind": "dog", "tricks": ["sit", "fly"]}, [("x.tricks.1", "one_of")]),
    (PET, {"kind": "dog", "tricks": []}, [("x.tricks", "items")]),
    (PET, {"kind": "cow"}, [("x.kind", "one_of")]),
    (PET, {}, [("x.kind", "required")]),
    (PET, [], [("x", "type")]),
    (PET, {"kind": ["cat"]}, [("x.kind", "one_of")]),
]


@pytest.mark.parametrize(("shape", "value", "expected"), SHAPES, ids=range(len(SHAPES)))
def test_a_shape_tells_everything_that_is_wrong_and_where(
    shape: Shape, value: Any, expected: list[tuple[str, str]]
) -> None:
    assert [(".".join(error.path), error.rule) for error in shape(("x",), value)] == expected


def test_a_closed_object_has_no_other_members() -> None:
    cat = {"kind": "cat", "lives": 9, "name": None, "tail": True}
    shape = every(PET)

    assert [(error.path, error.rule) for error in shape(("x",), cat)] == [
        (("x",), "unknown"),
        (("x",), "unknown"),
    ]
