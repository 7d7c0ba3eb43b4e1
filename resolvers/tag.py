"""What can be written of a tag. What it may be put on is said once, when it is made."""

import models as m
from models.rules import key_text
from resolvers.writing import Noun, Value

TAG = Noun(
    model=m.Tag,
    fields={"tag": Value(key_text), "kind": Value()},
    unique=("kind", "tag"),
)
