"""A schema in which everything goes wrong sooner or later, and operations that ask for all of it.

What a field gives is decided by the world's seed, the parent, the field and its arguments, so that
two executors meet the same values: nulls where none may be, exceptions raised and returned, values
that no scalar writes, lists that are none, objects of foreign types. Objects come from a small
pool, so that they stand at many places of an answer.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from random import Random
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.pyutils import Undefined

from execution import Attribute, Batch, Kind, Pure

LEAVES = """
  text: String  textR: String!  whole: Int  wholeR: Int!  part: Float  partR: Float!
  yes: Boolean  yesR: Boolean!  key: ID  keyR: ID!  color: Color  colorR: Color!
  odd: Odd  oddR: Odd!  mood: Mood  moodR: Mood!
  words: [String]  wordsR: [String!]!  wholes: [Int!]  grid: [[Odd!]]!  colors: [[Color]!]
"""

ASKED = "(first: Int = 2, where: Where, color: Color, ids: [ID!])"

OBJECTS = f"""
  one{ASKED}: Dog  oneR: Cat!  many{ASKED}: [Cat]  manyR: [Dog!]!  rows: [[Cat!]]  rowsR: [[Dog]!]!
  pet{ASKED}: Pet  petR: Pet!  pets: [Pet!]  any: Any  anyR{ASKED}: Any!  anys: [Any]!
  counted{ASKED}: Int!  sum{ASKED}: Odd
"""

SDL = f"""
enum Color {{ RED GREEN }}
enum Mood {{ GLAD SAD }}
scalar Odd
input Where {{ text: String = "x", color: Color, not: Where, all: [Where!] }}
interface Named {{ text: String textR: String! }}
interface Pet implements Named {{ {LEAVES} {OBJECTS} }}
type Dog implements Pet & Named {{ {LEAVES} {OBJECTS} barks: Int }}
type Cat implements Pet & Named {{ {LEAVES} {OBJECTS} purrs: Int! }}
type Rock implements Named {{ {LEAVES} {OBJECTS} }}
union Any = Dog | Cat | Rock
type Query {{ {LEAVES} {OBJECTS} }}
type Mutation {{ one{ASKED}: Dog  oneR: Cat!  counted{ASKED}: Int!  many{ASKED}: [Cat] }}
type Subscription {{ one: Dog anyR{ASKED}: Any! }}
"""


class Mood(Enum):
    """Values of an enum that are members of one in Python, as Strawberry has them."""

    GLAD = "glad"
    SAD = "sad"


class Thing:
    """An object: a dog, a cat, a rock, or something that is none of them."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.world.value(self, name, {})


class Dog(Thing):
    pass


class Cat(Thing):
    pass


class Rock(Thing):
    pass


class Stranger(Thing):
    """Of no type."""


class Liar(Thing):
    """Of a type that does not exist."""


class Abstract(Thing):
    """Of a type that no object has."""


class Number(Thing):
    """Of a type that is not even a name."""


class Root(Thing):
    """Of a type that may not stand where it is asked for."""


JUNK = type("Junk", (), {"__repr__": lambda _: "junk", "__slots__": ()})()
"""What no type can write."""

CLASSES = (Dog, Cat, Rock)
STRANGERS = (Stranger, Liar, Abstract, Number, Root)
NAMES: Mapping[type[Any], Any] = {Liar: "Nothing", Abstract: "Pet", Number: 5, Root: "Query"}


def odd(value: Any) -> Any:
    """A scalar that writes odd numbers only, makes nothing of some, and null of 5."""
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no number")
    if value % 2 == 0:
        raise GraphQLError(f"{value} is even", extensions={"value": value})
    return {5: None, 7: Undefined}.get(value, [value])


def _schema() -> GraphQLSchema:
    made = build_schema(SDL)
    scalar, mood, union = (made.type_map[name] for name in ("Odd", "Mood", "Any"))
    assert isinstance(scalar, GraphQLScalarType)
    assert isinstance(mood, GraphQLEnumType)
    scalar.coerce_output_value = odd
    for name, value in mood.values.items():
        value.value = Mood[name]
    mood.__dict__.pop("_value_lookup", None)
    union.resolve_type = lambda value, _, __: NAMES.get(  # type: ignore[attr-defined]
        type(value), type(value).__name__ if isinstance(value, CLASSES) else None
    )
    for each in CLASSES:
        kind: Any = made.type_map[each.__name__]
        kind.is_type_of = lambda value, _, each=each: isinstance(value, each)
    return made


SCHEMA = _schema()
ROOTS = ("Query", "Mutation", "Subscription")


def kind_of(parent: GraphQLObjectType, name: str, field: GraphQLField) -> Kind:
    """A third of the fields without arguments is read, a third computed; the rest is batched."""
    turn = sum(map(ord, name)) % 3
    if field.args or turn == 0 or (parent.name in ROOTS and not is_leaf_type(field.type)):
        return Batch(_batch(name, field))
    return (
        Attribute(name) if turn == 1 else Pure(lambda parent: parent.world.value(parent, name, {}))
    )


def _batch(name: str, field: GraphQLField) -> Any:
    async def answer(world: "World", parents: Sequence[Any], arguments: Mapping[str, Any]) -> Any:
        assert len({id(parent) for parent in parents}) == len(parents) > 0
        world.batches.append(name)
        if world.all_fail(name, arguments):
            raise world.failure(name)
        values = []
        for parent in parents:
            try:
                values.append(world.value(parent, name, arguments))
            except ZeroDivisionError as error:
                values.append(error)
        return values

    del field
    return answer


class World:
    """What there is: decided by a seed, with ``trouble`` as the share of values that are wrong."""

    def __init__(self, seed: int, trouble: float) -> None:
        self.seed = seed
        self.trouble = trouble
        self.batches: list[str] = []
        self.pool: dict[type[Thing], list[Thing]] = {
            kind: [kind(self, f"{kind.__name__}{number}") for number in range(3)]
            for kind in (*CLASSES, *STRANGERS)
        }
        self.root = Thing(self, "root")

    def all_fail(self, name: str, arguments: Mapping[str, Any]) -> bool:
        """Whether a batch fails as a whole."""
        return Random(f"{self.seed}{name}{arguments}").random() < self.trouble / 3  # noqa: S311

    def failure(self, name: str) -> Exception:
        """What is raised for a field."""
        return ZeroDivisionError(f"no {name} today")

    def value(self, parent: Thing, name: str, arguments: Mapping[str, Any]) -> Any:
        """What a field gives for a parent. Raises ZeroDivisionError where it fails."""
        chance = Random(f"{self.seed}{parent.name}{name}{arguments}")  # noqa: S311
        if chance.random() < self.trouble / 3:
            raise self.failure(name)
        kind = SCHEMA.type_map["Pet"].fields.get(name)  # type: ignore[attr-defined]
        return self._made(kind.type if kind else SCHEMA.type_map["Int"], chance, name)

    def _made(self, kind: Any, chance: Random, name: str) -> Any:
        if is_non_null_type(kind):
            kind = kind.of_type
        if chance.random() < self.trouble:
            return chance.choice([None, None, self.failure(name), JUNK, Undefined])
        if is_list_type(kind):
            items = [self._made(kind.of_type, chance, name) for _ in range(chance.randrange(4))]
            return chance.choice([items, items, tuple(items), (item for item in items)])
        named = get_named_type(kind)
        if is_leaf_type(named):
            return self._leaf(named.name, chance)
        wrong = chance.random() < self.trouble / 3
        of = {"Dog": (Dog,), "Cat": (Cat,), "Pet": (Dog, Cat)}.get(named.name, CLASSES)
        return chance.choice(self.pool[chance.choice(STRANGERS if wrong else of)])

    def _leaf(self, name: str, chance: Random) -> Any:
        usual: dict[str, list[Any]] = {
            "String": ["", "a", "ü", 3, True, 2.5],
            "Int": [0, -1, 2**31 - 1, True, "7", 2.0],
            "Float": [0.0, 1.5, 3, "2.5"],
            "Boolean": [True, False, 0, 1.0],
            "ID": ["a", 7, "7"],
            "Color": ["RED", "GREEN"],
            "Mood": [Mood.GLAD, Mood.SAD],
            "Odd": [1, 3, 9],
        }
        odd_ones: dict[str, list[Any]] = {
            "String": [JUNK, [1]],
            "Int": [2**31, 1.5, "x", float("nan")],
            "Float": [float("inf"), float("nan"), "x"],
            "Boolean": ["x", float("nan"), JUNK],
            "ID": [1.5, JUNK],
            "Color": ["BLUE", 1, []],
            "Mood": ["glad", "GLAD", 3],
            "Odd": [2, 5, 7, "x"],
        }
        return chance.choice((odd_ones if chance.random() < self.trouble else usual)[name])


def reference_schema() -> GraphQLSchema:
    """The same schema with a resolver for each field that answers at once."""
    for kind in SCHEMA.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                field.resolve = _resolver(kind, name, field)
    return SCHEMA


def _resolver(parent: GraphQLObjectType, name: str, field: GraphQLField) -> Any:
    batched = isinstance(kind_of(parent, name, field), Batch)

    def resolve(source: Thing, info: Any, **arguments: Any) -> Any:
        world: World = info.context
        if batched and world.all_fail(name, arguments):
            raise world.failure(name)
        return world.value(source, name, arguments)

    return resolve


def told(result: ExecutionResult) -> Any:
    """An answer, with all that is said of its errors."""
    errors = [
        (error.message, error.path, error.locations, error.extensions, type(error.original_error))
        for error in result.errors or []
    ]
    return result.data, errors
