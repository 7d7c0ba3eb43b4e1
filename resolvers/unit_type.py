"""What can be written of a unit type."""

import models as m
from models.rules import long_text, name_text
from resolvers.writing import Noun, Value

UNIT_TYPE = Noun(
    model=m.UnitType,
    fields={
        "name": Value(name_text),
        "description": Value(long_text),
        "archived": Value(),
    },
)
