"""Runs GraphQL operations breadth first: planned once, one batch for each field of a level."""

from execution.executor import Executor
from execution.kinds import Arguments, Attribute, Batch, Function, Kind, Offer, Pure
from execution.plan import Field, Selection

__all__ = [
    "Arguments",
    "Attribute",
    "Batch",
    "Executor",
    "Field",
    "Function",
    "Kind",
    "Offer",
    "Pure",
    "Selection",
]
