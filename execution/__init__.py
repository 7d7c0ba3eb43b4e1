"""Runs GraphQL operations breadth first: planned once, one batch for each field of a level."""

from execution.executor import Executor
from execution.kinds import Arguments, Attribute, Batch, Kind, Offer, Pure

__all__ = ["Arguments", "Attribute", "Batch", "Executor", "Kind", "Offer", "Pure"]
