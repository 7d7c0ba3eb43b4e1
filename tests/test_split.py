"""The split: percentages, weights and the number of arms say the same thing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.split import next_index, percentages_text, shares_of, split_of

weights = st.one_of(st.none(), st.floats(0, 100).map(lambda share: round(share, 9)))
arms = st.dictionaries(st.integers(0, 12), weights, max_size=6)
texts = st.lists(st.decimals(0, 100, places=3), min_size=1, max_size=8).map(
    lambda shares: "/".join(str(share) for share in shares)
)


@pytest.mark.parametrize(
    ("listed", "count", "percentages", "expected"),
    [
        ({}, None, None, {}),
        ({0: 50, 1: 50}, None, None, {0: 50, 1: 50}),
        ({0: None, 1: None}, 2, "30/70", {0: 30, 1: 70}),
        ({0: None, 1: 60}, 2, "30/70", {0: 30, 1: 60}),
        ({0: None}, 3, "34/33/33", {0: 34, 1: 33, 2: 33}),
        ({1: None}, 3, "34/33/33", {0: 34, 1: 33, 2: 33}),
        ({0: 5, 2: None}, None, "5/95", {0: 5, 2: 95}),
        ({0: None, 5: None}, 3, "1/2/3", {0: 1, 1: 2, 5: 3}),
        ({0: None, 1: None}, 2, "34/33/33", {0: None, 1: None}),
        ({0: None, 1: None}, 2, "half/half", {0: None, 1: None}),
        ({}, None, "50/50", {0: 50, 1: 50}),
        ({0: None, 1: None, 2: None}, 2, "50/50", {0: None, 1: None, 2: None}),
    ],
)
def test_the_split_as_it_stands(
    listed: Any, count: int | None, percentages: str | None, expected: Any
) -> None:
    assert split_of(listed, count, percentages).arms == expected


@pytest.mark.parametrize(
    ("arms", "percentages"),
    [
        ({}, None),
        ({0: 100}, "100"),
        ({1: 33.333333333, 0: 66.666666667}, "66.666666667/33.333333333"),
        ({0: 0.5, 3: 99.5}, "0.5/99.5"),
        ({0: 50.0, 1: None}, None),
        ({0: 1e-9, 1: 100}, "0.000000001/100"),
        ({0: 0, 1: 0}, "0/0"),
    ],
)
def test_the_percentages_of_arms(arms: Any, percentages: str | None) -> None:
    assert split_of(arms).percentages == percentages


@given(listed=arms)
def test_percentages_name_the_weights_of_all_arms_or_none(listed: Any) -> None:
    split = split_of(listed)
    weights = [listed[index] for index in sorted(listed)]

    assert split.count == len(listed)
    assert shares_of(split.percentages) == ([] if None in weights else weights)


@given(listed=arms, text=texts)
def test_new_shares_go_to_the_arms_in_their_order(listed: Any, text: str) -> None:
    shares = shares_of(text)
    if len(shares) < len(listed):
        return
    split = split_of(listed).shared(shares, listed)

    assert split.count == len(shares)
    assert [split.arms[index] for index in sorted(split.arms)] == shares
    assert set(listed) <= set(split.arms)
    assert shares_of(split.percentages) == shares
    assert split_of({i: split.arms[i] for i in listed}, split.count, split.percentages) == split


@given(text=texts)
def test_what_the_rule_lets_through_names_shares(text: str) -> None:
    assert percentages_text(("percentages",), text) is None
    assert len(shares_of(text)) == text.count("/") + 1


@pytest.mark.parametrize(
    "text", ["", "/", "50/", "50;50", "50/50 ", "1e2", "1000", "\u0665/\u0665", "+1/99"]
)
def test_what_names_no_shares_is_refused(text: str) -> None:
    error = percentages_text(("percentages",), text)

    assert error is not None
    assert error.rule == "percentages"


def test_the_next_index_is_the_smallest_that_is_free() -> None:
    assert [next_index(taken) for taken in ((), (0, 1), (1, 2), (0, 2))] == [0, 2, 0, 1]
