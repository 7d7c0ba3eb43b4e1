"""Reading JSON piece by piece: the same values as at once, and exact positions of what is wrong."""

import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import PayloadRefused, Spot
from connectors.payloads import documents
from connectors.payloads.documents import Document, members, opened, whole


def walked(text: bytes) -> list[tuple[str, Any]]:
    return [(member.path, member.value) for member, _ in members(Document("file", BytesIO(text)))]


def refused(text: bytes) -> PayloadRefused:
    with pytest.raises(PayloadRefused) as caught:
        walked(text)
    return caught.value


def test_members_are_the_items_of_lists_and_the_values_of_keys() -> None:
    text = b' {"experiments": [{"id": 1}, null], "total": 2, "errors": [], "ok": true} '
    assert walked(text) == [
        ("experiments[0]", {"id": 1}),
        ("experiments[1]", None),
        ("total", 2),
        ("errors", []),
        ("ok", True),
    ]
    assert walked(b"[1, [2]]") == [("[0]", 1), ("[1]", [2])]
    assert walked(b"{}") == []
    assert walked(b'"text"') == [("", "text")]


def test_a_byte_order_mark_is_taken() -> None:
    assert walked(b'\xef\xbb\xbf{"a": 1}') == [("a", 1)]
    assert refused(b'\xef\xbb\xbf{"a": x}').where == Spot(1, 7, 9)


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        (b"", Spot(1, 1, 0), "the file is empty"),
        (b" \n ", Spot(2, 2, 3), "the file is empty"),
        (b"hello", Spot(1, 1, 0), "broken JSON: expecting value"),
        (b'{"a": [{"b": 1,\n  "c" 2}]}', Spot(2, 7, 22), "broken JSON: expecting ':' delimiter"),
        (b'{"a": [1 2]}', Spot(1, 10, 9), "broken JSON: expected ',' or ']'"),
        (b'{"a": [1,]}', Spot(1, 10, 9), "broken JSON: expecting value"),
        (b'{"a": 1,}', Spot(1, 9, 8), "broken JSON: expected a key in double quotes"),
        (b'{"a" 1}', Spot(1, 6, 5), "broken JSON: expected ':'"),
        ('{"é": [tru]}'.encode(), Spot(1, 8, 8), "broken JSON: expecting value"),
        (b'{"a": 1}\n{', Spot(2, 1, 9), "something follows the end of the document"),
        (b'{"a": [{"b": 1}', Spot(1, 16, 15), "broken JSON: the file ends too early"),
        (b'{"a": [{"b": "x', Spot(1, 14, 13), "broken JSON: the file ends too early"),
        (b'{"a"', Spot(1, 5, 4), "broken JSON: the file ends too early"),
        (b'{"a": NaN}', Spot(1, 7, 6), "NaN is no number in JSON"),
        (b'{"a": [{"b": -Infinity}]}', Spot(1, 14, 13), "-Infinity is no number in JSON"),
        (b'{"a": "\x01"}', Spot(1, 8, 7), "broken JSON: invalid control character at"),
        (b"\xff\xfe{\x00", Spot(1, 1, 0), "not UTF-8"),
        (b'{"a":\n "\xff"}', Spot(2, 3, 8), "not UTF-8"),
        (b'{"a": "\xc3', Spot(1, 8, 7), "not UTF-8"),
        (b"[" * 202 + b"]" * 202, Spot(1, 2, 1), "nested deeper than 200 levels"),
        (b'{"a": ' + b"[" * 99_999, Spot(1, 8, 7), "nested deeper than 200 levels"),
    ],
)
def test_what_is_broken_is_named_with_its_place(text: bytes, where: Spot, reason: str) -> None:
    error = refused(text)
    assert (error.where, error.reason) == (where, reason)


def test_the_message_names_file_line_and_column() -> None:
    assert str(refused(b'{"a": 1\n ?}')) == "file:2:2: broken JSON: expected ',' or '}' (byte 9)"


def test_an_absurd_number_is_refused() -> None:
    assert "4300 digits" in refused(b'{"a": ' + b"9" * 5000 + b"}").reason


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (rb'{"a": [{"b": ["x\u0000"]}]}', "a[0].b[0]"),
        (rb'{"a": {"b": "\ud800"}}', "a.b"),
        (rb'{"a": {"\udc00": 1}}', "a"),
        (rb'{"\u0000": 1}', ""),
    ],
)
def test_what_no_text_can_hold_is_refused_with_its_path(text: bytes, path: str) -> None:
    assert refused(text).where == path


def test_a_pair_of_surrogates_is_a_letter() -> None:
    assert walked(rb'["\ud83d\ude00"]') == [("[0]", "\N{GRINNING FACE}")]


def test_what_only_looks_like_an_escape_is_text() -> None:
    assert walked(rb'["\\u0000 \\ud800"]') == [("[0]", r"\u0000 \ud800")]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('ab{["\\é'), inner),
)


@given(VALUES, st.booleans(), st.integers(3, 40))
def test_pieces_of_any_size_give_the_same_values(
    value: Any,
    plain: bool,  # noqa: FBT001  hypothesis gives it
    size: int,
) -> None:
    text = json.dumps(value, ensure_ascii=plain, indent=1 if plain else None).encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(documents, "CHUNK", size)
        assert whole(Document("file", BytesIO(text))) == value
        found = walked(text)
    if isinstance(value, list) and value:
        assert [item for _, item in found] == value


@given(VALUES, st.data())
def test_a_broken_text_is_refused_wherever_the_pieces_end(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value).encode()
    at = data.draw(st.integers(0, len(text) - 1))
    broken = text[:at] + data.draw(st.sampled_from([b"", b"}", b'"', b",", b"x"])) + text[at + 1 :]
    sizes = (7, 1 << 18)
    results = []
    for size in sizes:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(documents, "CHUNK", size)
            try:
                results.append(str(walked(broken)))
            except PayloadRefused as error:
                results.append(str(error))
    assert results[0] == results[1]


def test_a_large_broken_file_is_refused_without_reading_all_of_it() -> None:
    class Counted(BytesIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.taken += len(data)
            return data

    stream = Counted(b'{"experiments": [{"id": 1 "name": "a"}, ' + b'{"id": 2},' * 1_000_000)
    with pytest.raises(PayloadRefused):
        list(members(Document("file", stream)))
    assert stream.taken <= documents.CHUNK


@pytest.mark.parametrize(
    ("name", "reason"), [("missing.json", "no such file or directory"), (".", "is a directory")]
)
def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    path = tmp_path / name
    with pytest.raises(PayloadRefused) as caught, opened(path):
        pass
    assert str(caught.value) == f"{path}: {reason}"


def test_a_pipe_is_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

    monkeypatch.setattr(sys, "stdin", type("Input", (), {"buffer": Pipe(b"[1]")}))
    with opened("-") as document:
        assert document.name == "standard input"
        assert list(members(document)) == list(members(document)) != []
        assert document.size == 3
