"""The executor on a small graph of its own: what is asked how often, and what fails how far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLField, GraphQLObjectType, build_schema, parse

from execution import Attribute, Batch, Executor, Kind, Pure
from execution.kept import Kept

SCHEMA = build_schema("""
  directive @loud on FIELD
  interface Being { name: String! }
  type Person implements Being { name: String! age: Int friend: Person friends: [Person!] pet: Being
    safe: Person! sum(of: [Int!] = [1, 2]): Int score: Float! boom: String boomR: String! }
  type Robot implements Being { name: String! model: String! }
  type Query { ada: Person people: [Person!]! maybe: [Person] beings: [Being!]! echo(text: String!):
    String lost: Person! word: String }
  type Mutation { first: Person second: Person! third: Person }
  type Subscription { ada: Person }
""")


@dataclass
class Person:
    name: Any
    age: Any = None
    friend: Any = None
    friends: Any = None
    pet: Any = None

    @property
    def boom(self) -> str:
        raise ValueError(f"{self.name} fails")

    boomR = boom  # noqa: N815  as the field is called


@dataclass
class Robot:
    name: str
    model: str = "R2"


@dataclass
class World:
    """What the roots answer, and what was asked."""

    roots: Mapping[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)


def kind_of(parent: GraphQLObjectType, name: str, _: GraphQLField) -> Kind | None:
    if parent.name in {"Query", "Mutation", "Subscription"}:
        return Batch(root(name))
    if name in {"friend", "friends", "safe", "sum"}:
        return Batch(batch(name))
    if name == "score":
        return Pure(score)
    return Attribute(name)


def root(name: str) -> Any:
    async def answer(world: World, _: Sequence[Any], arguments: Mapping[str, Any]) -> Any:
        world.asked.append((name, dict(arguments)))
        given = world.roots.get(name)
        if name == "echo":
            given = arguments["text"]
        if isinstance(given, Exception):
            raise given
        return [given]

    return answer


def batch(name: str) -> Any:
    async def answer(world: World, people: Sequence[Any], arguments: Mapping[str, Any]) -> Any:
        world.asked.append((name, [person.name for person in people]))
        if name == "sum":
            return [sum(arguments["of"]) for _ in people]
        if name == "safe":
            return [person.friend for person in people]
        return [getattr(person, name) for person in people]

    return answer


def score(person: Person) -> float:
    person.age += 1
    return float(person.age)


for being in ("Person", "Robot"):
    SCHEMA.type_map[being].is_type_of = (  # type: ignore[attr-defined]
        lambda value, _, being=being: type(value).__name__ == being
    )

BOB = Person("bob", 7)
ADA = Person("ada", 36, friend=BOB, friends=[BOB, BOB])
BOB.friend = ADA


async def run(query: str, world: World, **more: Any) -> ExecutionResult:
    return await Executor(SCHEMA, kind_of).execute(parse(query), context=world, **more)


def messages(answer: ExecutionResult) -> list[tuple[str, Any]]:
    return [(error.message, error.path) for error in answer.errors or []]


async def test_a_field_is_asked_once_for_all_objects_of_a_level() -> None:
    world = World({"people": [ADA, BOB, ADA]})
    answer = await run("{ people { name friend { name friend { name } } } }", world)

    assert world.asked == [
        ("people", {}),
        ("friend", ["ada", "bob"]),
        ("friend", ["bob", "ada"]),
    ]
    assert answer.errors is None
    assert answer.data is not None
    assert [person["friend"]["name"] for person in answer.data["people"]] == ["bob", "ada", "bob"]


async def test_a_pure_function_is_called_once_for_each_object() -> None:
    person = Person("eve", 0)
    answer = await run(
        "{ maybe { score other: name } ada { age } }", World({"maybe": [person] * 3})
    )

    assert answer.data == {"maybe": [{"score": 1.0, "other": "eve"}] * 3, "ada": None}
    assert person.age == 1


async def test_keys_stand_in_the_order_in_which_they_are_first_asked() -> None:
    query = "{ ada { friend { age } name friend { name } again: name ... on Being { name } } }"
    answer = await run(query, World({"ada": ADA}))

    assert answer.data is not None
    assert list(answer.data["ada"]) == ["friend", "name", "again"]
    assert answer.data["ada"]["friend"] == {"age": 7, "name": "bob"}


async def test_each_type_behind_an_interface_gets_what_is_asked_of_it() -> None:
    query = "{ beings { __typename name ... on Robot { model } ... on Person { age } } }"
    answer = await run(query, World({"beings": [Robot("c"), ADA, Robot("d")]}))

    assert answer.data == {
        "beings": [
            {"__typename": "Robot", "name": "c", "model": "R2"},
            {"__typename": "Person", "name": "ada", "age": 36},
            {"__typename": "Robot", "name": "d", "model": "R2"},
        ]
    }


async def test_arguments_come_from_literals_variables_and_defaults() -> None:
    query = """query($of: [Int!], $t: String = "t") {
      echo(text: $t) ada { sum a: sum(of: [5]) b: sum(of: $of) } }"""
    answer = await run(query, World({"ada": ADA}), variables={"of": [7, 8]})
    without = await run(query, World({"ada": ADA}), variables={"t": "u"})

    assert answer.data == {"echo": "t", "ada": {"sum": 3, "a": 5, "b": 15}}
    assert without.data == {"echo": "u", "ada": {"sum": 3, "a": 5, "b": 3}}


async def test_a_variable_of_another_type_is_refused_before_anything_is_asked() -> None:
    world = World()
    answer = await run("query($t: String!) { echo(text: $t) }", world, variables={"t": 5})

    assert answer.data is None
    assert messages(answer) == [
        (
            "Variable '$t' has invalid value: String cannot represent a non string value: 5",
            None,
        )
    ]
    assert world.asked == []


async def test_a_null_spreads_to_the_next_place_that_may_be_null() -> None:
    lonely = Person("lonely", 1)
    world = World({"people": [ADA, lonely], "maybe": [ADA, lonely]})
    kept = await run("{ maybe { safe { name } } }", world)
    lost = await run("{ word people { safe { name } } }", world)
    problem = "Cannot return null for non-nullable field Person.safe."

    assert kept.data == {"maybe": [{"safe": {"name": "bob"}}, None]}
    assert messages(kept) == [(problem, ["maybe", 1, "safe"])]
    assert lost.data is None
    assert messages(lost) == [(problem, ["people", 1, "safe"])]


async def test_an_object_that_fails_is_told_of_at_each_of_its_places() -> None:
    answer = await run("{ maybe { name boom } }", World({"maybe": [ADA, BOB, ADA]}))

    assert answer.data is not None
    assert [each["boom"] for each in answer.data["maybe"]] == [None, None, None]
    assert messages(answer) == [
        ("ada fails", ["maybe", 0, "boom"]),
        ("bob fails", ["maybe", 1, "boom"]),
        ("ada fails", ["maybe", 2, "boom"]),
    ]


async def test_errors_are_in_the_order_of_the_document_and_end_where_nothing_is_left() -> None:
    query = "{ ada { friend { boom } boom boomR late: boom } word }"
    answer = await run(query, World({"ada": ADA, "word": ValueError("no word")}))

    assert answer.data == {"ada": None, "word": None}
    assert messages(answer) == [
        ("bob fails", ["ada", "friend", "boom"]),
        ("ada fails", ["ada", "boom"]),
        ("ada fails", ["ada", "boomR"]),
        ("no word", ["word"]),
    ]


async def test_a_batch_that_fails_fails_for_each_of_its_parents() -> None:
    class Broken(World):
        pass

    async def broken(*_: Any) -> Any:
        raise ValueError("no friends")

    def offer(parent: GraphQLObjectType, name: str, given: GraphQLField) -> Kind | None:
        return Batch(broken) if name == "friend" else kind_of(parent, name, given)

    query = parse("{ people { friend { name } } }")
    world = Broken({"people": [ADA, BOB]})
    answer = await Executor(SCHEMA, offer).execute(query, context=world)

    assert answer.data == {"people": [{"friend": None}, {"friend": None}]}
    assert messages(answer) == [
        ("no friends", ["people", 0, "friend"]),
        ("no friends", ["people", 1, "friend"]),
    ]


async def test_a_batch_that_answers_for_too_few_is_a_failure() -> None:
    async def short(*_: Any) -> Any:
        return []

    def offer(parent: GraphQLObjectType, name: str, given: GraphQLField) -> Kind | None:
        return Batch(short) if name == "friend" else kind_of(parent, name, given)

    query = parse("{ ada { friend { name } } }")
    answer = await Executor(SCHEMA, offer).execute(query, context=World({"ada": ADA}))

    assert messages(answer) == [("Person.friend gave 0 values for 1 parents.", ["ada", "friend"])]


async def test_mutations_run_one_after_the_other_with_all_that_is_below_each() -> None:
    world = World({"first": ADA, "second": BOB})
    answer = await run("mutation { first { friend { age } } second { friend { age } } }", world)

    assert answer.errors is None
    assert [name for name, _ in world.asked] == ["first", "friend", "second", "friend"]


async def test_after_a_mutation_that_leaves_nothing_no_other_one_is_run() -> None:
    world = World({"first": ADA, "third": BOB})
    answer = await run("mutation { first { name } second { name } third { name } }", world)

    assert answer.data is None
    assert [name for name, _ in world.asked] == ["first", "second"]


async def test_an_event_of_a_subscription_is_answered_like_a_query() -> None:
    world = World({"ada": ADA})
    answer = await run("subscription { ada { name friend { name } } }", world, root=object())

    assert answer.data == {"ada": {"name": "ada", "friend": {"name": "bob"}}}


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { queryType { name } } }",
        "{ word @loud }",
        "{ word } query other { word }",
        "query($yes: Boolean = true) { word @skip(if: $yes) }",
    ],
)
async def test_what_is_not_planned_is_known_before_anything_is_asked(query: str) -> None:
    executor, document = Executor(SCHEMA, kind_of), parse(query)
    variables = {"yes": None} if "$yes" in query else {}
    world = World()

    assert not executor.plans(document, None, variables)
    await executor.execute(document, variables=variables, context=world)

    assert world.asked == []


async def test_what_is_skipped_is_not_asked_and_each_choice_has_a_plan_of_its_own() -> None:
    executor = Executor(SCHEMA, kind_of)
    document = parse("query($no: Boolean!) { ada { name friend @skip(if: $no) { name } } }")
    told = []
    for no in (True, False, True):
        world = World({"ada": ADA})
        answer = await executor.execute(document, variables={"no": no}, context=world)
        told.append((answer.data, len(world.asked)))

    friend = {"friend": {"name": "bob"}}
    assert told == [
        ({"ada": {"name": "ada"}}, 1),
        ({"ada": {"name": "ada"} | friend}, 2),
        ({"ada": {"name": "ada"}}, 1),
    ]


async def test_plans_are_made_once_and_forgotten_when_there_is_no_room() -> None:
    made = []

    def offer(parent: GraphQLObjectType, name: str, given: GraphQLField) -> Kind | None:
        made.append(name)
        return kind_of(parent, name, given)

    executor = Executor(SCHEMA, offer, room=8)
    documents = [parse(f"{{ ada {{ n{number}: name }} }}") for number in range(3)]
    for number in (0, 0, 1, 0, 2, 1):
        await executor.execute(documents[number], context=World({"ada": ADA}))

    assert made == ["ada", "name"] * 4  # 0, 1, 2, and 1 again


def test_what_was_not_asked_for_longest_gives_way() -> None:
    kept: Kept[str, int] = Kept(3)
    for number, key in enumerate("abc"):
        kept.keep(key, number)
    assert kept.get("a") == 0
    kept.keep("d", 3, weight=2)

    assert [kept.get(key) for key in "abcd"] == [0, None, None, 3]
    kept.keep("e", 4, weight=4)
    assert len(kept) == 0
