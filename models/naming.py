"""How names are spelt: ``UnitType`` in Python is ``unit_type`` in a table."""

import re


def snake(name: str) -> str:
    """``UnitType`` as a table spells it: ``unit_type``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
