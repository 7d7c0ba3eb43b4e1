"""Values of any input type as JSON writes them: mostly right, often at an edge, sometimes wrong."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    get_named_type,
    is_list_type,
    is_non_null_type,
)
from hypothesis import strategies as st

EDGES = (
    0, 1, -1, 7, 200, 201, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**53, 2**63 - 1, 2**63,
    -(2**63), 2**64, 10**30, -(10**30),
)  # fmt: skip
FLOATS = (0.0, -0.0, 0.5, 1e-320, 5e-324, 1.7976931348623157e308, -1e308, 1e22, 0.1 + 0.2, 2.0)
TEXTS = (
    "", " ", "\0", "a\0b", "%", "_", "\\", "'", '"', "\u202eabc\u202c", "\u200f", "\ufeff", "\x7f",
    "\r\n", "\u2028", "İ", "ß", "e\u0301", "🦄", "\U0010ffff", "\ufffe", "a" * 256, "é" * 4001,
    "'; DROP TABLE experiment; --", "${7*7}", "{{7*7}}", "<script>", "../../etc/passwd", "null",
    "NaN", "-0", "1e999", "34/33/33", "50/50", "0/100", "1/2/3/4", "http://x", "a@b.example",
)  # fmt: skip
MOMENTS = (
    "2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01", "2026-01-01T00:00:00",
    "2026-06-30T23:59:60Z", "2026-W01-1T00:00:00Z", "20260101T000000Z", "1970-01-01T00:00:00+00:00",
    "2026-01-01T00:00:00.123456789Z", "4713-01-01T00:00:00Z", "", "now", "infinity",
)  # fmt: skip
DECIMALS = (
    "0", "-0", "0.1", "1e-7", "1e400", "1e401", "-1e401", "1e999999", "1e-999999", "NaN", "sNaN",
    "Infinity", "1_000", " 1 ", "٣", "9" * 1000, "0." + "0" * 500 + "1", "",
    "1e9999999999999999999",
)  # fmt: skip

documents = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from(EDGES)
    | st.sampled_from(FLOATS)
    | st.sampled_from(TEXTS)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(TEXTS[:12]) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def rarely(odd: st.SearchStrategy[Any], usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One in eight is odd."""
    return st.integers(0, 7).flatmap(lambda turn: usual if turn else odd)


texts = rarely(st.sampled_from(TEXTS), st.text(max_size=12))


def changed(text: str) -> st.SearchStrategy[str]:
    """A text with one character taken away, doubled, replaced or put in."""
    return st.builds(
        lambda place, count, new: text[:place] + new + text[place + count :],
        st.integers(0, len(text)),
        st.integers(0, 2),
        st.sampled_from(["", "=", "A", "_", "-", "\0", "é", "🦄", "AAAA"]),
    )


NAMED = {
    "owners": "User", "users": "User", "user": "User", "teams": "Team", "team": "Team",
    "parent": "Team", "tags": "Tag", "goal": "Goal", "primaryMetric": "Metric", "metric": "Metric",
    "template": "Experiment", "experiment": "Experiment", "applications": "Application",
    "application": "Application", "unitType": "UnitType", "segment": "Segment",
    "savedMetric": "SavedMetric", "source": "Source", "holdout": "Holdout",
    "featureFlag": "FeatureFlag", "denominatorGoal": "Goal",
}  # fmt: skip
"""What the ids are of that arguments of these names take."""


class Values:
    """Makes values of the input types of a schema.

    ``ids`` are some of each type that exist; ``given`` are strategies for arguments by their name.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        ids: Mapping[str, Sequence[str]],
        given: Mapping[str, st.SearchStrategy[Any]],
    ) -> None:
        self.schema = schema
        self.known = ids
        self.given = given
        self.made: dict[str, st.SearchStrategy[Any]] = {}
        self.leaves: dict[str, st.SearchStrategy[Any]] = {
            "Int": rarely(st.sampled_from(EDGES), st.integers(0, 20)),
            "Float": rarely(st.sampled_from(FLOATS) | st.sampled_from(EDGES), st.floats(0, 1)),
            "BigInt": st.sampled_from(EDGES),
            "String": texts,
            "ID": self.ids("Experiment"),
            "Boolean": st.booleans(),
            "DateTime": rarely(st.sampled_from(MOMENTS), st.datetimes().map(lambda at: f"{at}Z")),
            "Decimal": rarely(st.sampled_from(DECIMALS), st.sampled_from(FLOATS)),
            "JSON": documents,
        }

    def ids(self, kind: str) -> st.SearchStrategy[str]:
        """Ids: mostly of things of a type, else of others, else nearly one or none."""
        some = self.known.get(kind) or self.known["Experiment"]
        known = st.sampled_from([each for some in self.known.values() for each in some])
        return rarely(known | known.flatmap(changed) | texts, st.sampled_from(some))

    def of(self, kind: Any) -> st.SearchStrategy[Any]:
        """Values of a type."""
        if is_non_null_type(kind):
            return self.of(kind.of_type)
        if is_list_type(kind):
            return st.lists(self.of(kind.of_type), max_size=3)
        if kind.name not in self.made:
            self.made[kind.name] = st.deferred(lambda: self._named(kind))
        return self.made[kind.name]

    def _named(self, kind: Any) -> st.SearchStrategy[Any]:
        if isinstance(kind, GraphQLInputObjectType):
            return self._objects(kind)
        if isinstance(kind, GraphQLEnumType):
            return st.sampled_from(sorted(kind.values))
        return self.leaves[kind.name]

    def _objects(self, kind: GraphQLInputObjectType) -> st.SearchStrategy[Any]:
        """Objects with what they need and a few fields more."""
        fields = {name: self.argument(name, each, kind) for name, each in kind.fields.items()}
        needed = [name for name, each in kind.fields.items() if is_non_null_type(each.type)]
        others = sorted(fields.keys() - set(needed))

        def chosen(names: list[str]) -> st.SearchStrategy[Any]:
            return st.fixed_dictionaries({name: fields[name] for name in (*needed, *names)})

        if not others:
            return chosen([])
        return st.lists(st.sampled_from(others), max_size=4, unique=True).flatmap(chosen)

    def argument(self, name: str, argument: Any, within: Any = None) -> st.SearchStrategy[Any]:
        """Values of an argument, or of a field of an input; null where that may be."""
        if name in self.given:
            return self.given[name]
        made = self.of(argument.type)
        if get_named_type(argument.type).name == "ID":
            about = re.sub(r"^(Update|Delete|Create|.*(?=Experiment))|Input$", "", str(within))
            made = self.ids(NAMED.get(name, about))
            made = st.lists(made, max_size=3) if "[" in str(argument.type) else made
        return made if is_non_null_type(argument.type) else rarely(st.none(), made)

    def arguments(self, field: Any) -> st.SearchStrategy[dict[str, Any]]:
        """Arguments of a field: what it needs, and some of the rest."""
        made = {name: self.argument(name, each) for name, each in field.args.items()}
        needed = {name for name, each in field.args.items() if is_non_null_type(each.type)}
        return st.fixed_dictionaries(
            {name: made[name] for name in made if name in needed},
            optional={name: made[name] for name in made if name not in needed},
        )
