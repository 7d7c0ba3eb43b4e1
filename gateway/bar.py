"""A bar that shows how far a command is."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress


@contextmanager
def bar_of(label: str) -> Iterator[Progress]:
    """A bar on the standard error, with one task."""
    with Progress(console=Console(stderr=True)) as bar:
        bar.add_task(label, total=None)
        yield bar
