"""What can be written of an application."""

import models as m
from models.rules import long_text, name_text
from resolvers.writing import Noun, Value

APPLICATION = Noun(
    model=m.Application,
    fields={
        "name": Value(name_text),
        "description": Value(long_text),
        "archived": Value(),
    },
)
