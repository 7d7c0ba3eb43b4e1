"""Operations of any schema, made up field by field: aliases, fragments, directives, variables."""

from random import Random
from typing import Any

from graphql import (
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)

LEAF_VALUES = {
    "Int": ["0", "1", "2", "-3"],
    "Float": ["0.5", "2"],
    "String": ['"x"', '""'],
    "Boolean": ["true", "false"],
    "ID": ['"1"', "2"],
    "BigInt": ["7"],
    "DateTime": ['"2026-01-01T00:00:00Z"'],
    "Decimal": ['"0.1"'],
    "JSON": ["{a: 1}", "[1]"],
}


class Asker:
    """Makes operations of a schema. Most are valid: a key always means the same field."""

    def __init__(self, schema: GraphQLSchema, chance: Random, *, fields: int = 16) -> None:
        self.schema = schema
        self.chance = chance
        self.left = fields
        self.declared: dict[str, str] = {}
        self.variables: dict[str, Any] = {}
        self.fragments: list[str] = []

    def operation(self, root: str = "query", *, alone: bool = False) -> str:
        """The text of an operation; `variables` are what it is sent with."""
        kind = {
            "query": self.schema.query_type,
            "mutation": self.schema.mutation_type,
            "subscription": self.schema.subscription_type,
        }[root]
        asked = f"{{ {self.field(kind, 0)} }}" if alone else self.selection(kind, 0)
        declared = ", ".join(f"${name}: {kind}" for name, kind in self.declared.items())
        return f"{root} {f'({declared})' if declared else ''} {asked} {' '.join(self.fragments)}"

    def selection(self, kind: Any, depth: int) -> str:
        """What is asked of a type, in braces."""
        count = self.chance.choice([1, 2, 3, 4]) if self.left > 0 else 1
        parts = [self.part(kind, depth) for _ in range(count)]
        return f"{{ {' '.join(parts)} }}"

    def part(self, kind: Any, depth: int) -> str:
        """A field or a fragment."""
        way = self.chance.random() if self.left > 0 else 1
        if way < 0.1 and depth:
            return f"... {self.directive()} {self.selection(kind, depth + 1)}"
        if way < 0.2 or (is_abstract_type(kind) and way < 0.6):
            on = self.condition(kind)
            if way < 0.07:
                name = f"F{len(self.fragments)}"
                self.fragments.append("")
                place = len(self.fragments) - 1
                self.fragments[place] = f"fragment {name} on {on} {self.selection(on, depth + 1)}"
                spread = f"...{name} {self.directive()}"
                return spread if self.chance.random() < 0.7 else f"{spread} ...{name}"
            return f"... on {on} {self.directive()} {self.selection(on, depth + 1)}"
        return self.field(kind, depth)

    def condition(self, kind: Any) -> Any:
        """A type that some values of this one have."""
        if not is_abstract_type(kind):
            return self.chance.choice([kind, *kind.interfaces])
        return self.chance.choice([*self.schema.get_possible_types(kind), kind])

    def field(self, kind: Any, depth: int) -> str:
        """A field with its alias, arguments and directives, and what is asked below it."""
        fields = getattr(kind, "fields", {})
        if not fields or self.chance.random() < 0.05:
            return "__typename"
        self.left -= 1
        names = [
            name
            for name, field in fields.items()
            if (self.left > 0 and depth < 7) or is_leaf_type(get_named_type(field.type))
        ]
        if not names:
            return "__typename"
        name = self.chance.choice(names)
        field = fields[name]
        arguments = self.arguments(field)
        named = get_named_type(field.type)
        below = "" if is_leaf_type(named) else self.selection(named, depth + 1)
        # A key that names the arguments cannot clash with the same field asked otherwise.
        alias = f"{name}_{sum(map(ord, arguments))}:" if arguments else ""
        if not arguments and self.chance.random() < 0.1:
            alias = f"other_{name}:"
        return f"{alias} {name}{arguments} {self.directive()} {below}"

    def arguments(self, field: Any) -> str:
        """Some arguments in parentheses."""
        said = [
            f"{name}: {self.value(argument.type, 0)}"
            for name, argument in field.args.items()
            if is_required_argument(argument) or self.chance.random() < 0.3
        ]
        return f"({', '.join(said)})" if said else ""

    def directive(self) -> str:
        """Mostly nothing."""
        if self.chance.random() < 0.85:
            return ""
        name = self.chance.choice(["skip", "include"])
        return f"@{name}(if: {self.value(self.schema.type_map['Boolean'], 0, required=True)})"

    def value(self, kind: Any, depth: int, *, required: bool = False) -> str:
        """A literal, or a variable of the same type."""
        if is_non_null_type(kind):
            return self.value(kind.of_type, depth, required=True)
        if depth == 0 and self.chance.random() < 0.3:
            return self.variable(kind, required=required)
        if not required and self.chance.random() < 0.1:
            return "null"
        if is_list_type(kind):
            items = [self.value(kind.of_type, depth + 1) for _ in range(self.chance.randrange(3))]
            return f"[{', '.join(items)}]"
        if is_input_object_type(kind):
            said = [
                f"{name}: {self.value(field.type, depth + 1)}"
                for name, field in kind.fields.items()
                if self.chance.random() < (0.5 if depth < 3 else 0)
            ]
            return f"{{{', '.join(said)}}}"
        return str(self.chance.choice(LEAF_VALUES.get(kind.name) or list(kind.values)))

    def variable(self, kind: Any, *, required: bool) -> str:
        """A new variable: given, left to its default, or missing."""
        name = f"v{len(self.declared)}"
        given = self.given(kind)
        way = self.chance.random()
        if way < 0.3 and not is_input_object_type(kind) and not is_list_type(kind):
            self.declared[name] = f"{kind} = {self.value(kind, 1, required=True)}"
            if self.chance.random() < 0.3:
                self.variables[name] = given
            elif self.chance.random() < 0.1:
                self.variables[name] = None
        else:
            self.declared[name] = f"{kind}!" if required else f"{kind}"
            if required or way < 0.8:
                self.variables[name] = given
        return f"${name}"

    def given(self, kind: Any) -> Any:
        """The value of a variable; sometimes not one of its type."""
        if self.chance.random() < 0.03:
            return {"not": "a value"}
        if is_list_type(kind):
            return [self.given(kind.of_type) for _ in range(self.chance.randrange(3))]
        if is_non_null_type(kind):
            return self.given(kind.of_type)
        if is_input_object_type(kind):
            return {"text": "y"}
        if is_enum_type(kind):
            return self.chance.choice(list(kind.values))
        known = {"Int": 1, "Float": 1.5, "Boolean": True, "BigInt": 7}
        return known.get(kind.name, "v")
