"""Starts Trialgraph, whose packages have flat names: `models`, `schema`, `gateway` and so on.

In an installed copy they lie in `app/` beside this file, in the checkout in the folder above it.
"""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_APP = _HERE / "app"


def main() -> None:
    """Run the command line with our packages found before any of the same name."""
    sys.path.insert(0, str(_APP if _APP.is_dir() else _HERE.parent))
    from gateway.command import main as run  # noqa: PLC0415 (only now can it be found)

    run()
