"""The command line `trialgraph`, as it is read from what people write."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gateway import cli_keys, cli_sources, command
from gateway.command import DEMO_EXPERIMENTS, NotFound

app = typer.Typer(
    help="A GraphQL gateway over experimentation platforms.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.add_typer(cli_keys.app, name="keys")
app.add_typer(cli_sources.app, name="source")
app.command()(cli_sources.sync)


def _version(wanted: bool) -> None:  # noqa: FBT001 (typer calls it so)
    if wanted:
        from importlib.metadata import version

        typer.echo(version("trialgraph"))
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Trialgraph."""


@app.command()
def serve(
    *,
    demo_if_empty: Annotated[
        bool, typer.Option("--demo-if-empty", help="Load a demo graph into an empty database.")
    ] = False,
) -> None:
    """Bring the database up to date and serve the graph and its explorer."""
    command.serve(demo_if_empty=demo_if_empty)


@app.command()
def migrate() -> None:
    """Create the database or bring it up to date."""
    from gateway import settings, startup

    startup.prepare(settings.load().database_url)


@app.command()
def demo(
    experiments: Annotated[
        int, typer.Option(min=1, help="How many experiments to make up.")
    ] = DEMO_EXPERIMENTS,
) -> None:
    """Load a demo graph into the database."""
    from gateway import settings, startup

    url = settings.load().database_url
    startup.prepare(url)
    command.load_demo(url, experiments)


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Payloads of a platform, as JSON; - is the standard input.")
    ],
    source: Annotated[
        str | None, typer.Option(help="The name of the source; import-PLATFORM if not given.")
    ] = None,
    platform: Annotated[
        Literal["absmartly", "posthog", "auth0", "checkmango"] | None,
        typer.Option(help="Which platform the files are from, where they do not tell."),
    ] = None,
) -> None:
    """Import files with the answers of ABsmartly, PostHog, Auth0 or Checkmango.

    Which of them is told from the files; all files of one call are from one platform.
    """
    from gateway import settings, startup

    for path in files:
        if path != Path("-") and not path.is_file():
            raise NotFound(f"There is no file {path}.")
    url = settings.load().database_url
    startup.prepare(url)
    _import(url, files, source, platform)


@app.command()
def schema() -> None:
    """Print the schema in GraphQL's schema language."""
    from gateway.app import graph

    typer.echo(graph().as_str())


def _import(url: str, files: list[Path], source: str | None, platform: str | None) -> None:
    from rich.console import Console

    from connectors.importing import Progress as Step
    from connectors.importing import import_files
    from connectors.recognising import vocabulary_of
    from gateway.bar import bar_of
    from gateway.report import show
    from gateway.startup import using
    from models import Platform

    words = vocabulary_of(Platform(platform.upper())) if platform else None

    with bar_of("Importing") as bar:

        def progress(step: Step) -> None:
            label = f"{step.step.capitalize()} {step.file or 'the database'}"
            bar.update(bar.task_ids[0], description=label, completed=step.done, total=step.total)

        report = using(
            url,
            lambda database: import_files(
                database, files, source=source, progress=progress, vocabulary=words
            ),
        )
        bar.update(bar.task_ids[0], completed=bar.tasks[0].total)
    show(report, Console())
