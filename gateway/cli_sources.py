"""The commands `trialgraph source …` and `trialgraph sync`."""

from typing import TYPE_CHECKING, Annotated

import typer

from models.phase import Platform

if TYPE_CHECKING:
    from connectors.sync import Progress

app = typer.Typer(help="Connect platforms, and list what is connected.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What the source is called; unique.")],
    *,
    platform: Annotated[
        Platform, typer.Option(case_sensitive=False, help="The platform that it speaks for.")
    ],
    url: Annotated[
        str,
        typer.Option(help="Where its API is, such as https://acme.absmartly.com/v1."),
    ],
) -> None:
    """Connect a platform. Its credential comes from the environment or the file of secrets."""
    from gateway import settings, sources, startup

    chosen = settings.load()
    startup.prepare(chosen.database_url)
    startup.using(
        chosen.database_url, lambda database: sources.connect(database, name, platform, url)
    )
    typer.echo(f"The source {name} is connected to {url}.")
    if not sources.has_credential(chosen, name):
        typer.echo(f"It has no credential yet: set {sources.variable_of(name)}.", err=True)


@app.command("list")
def list_() -> None:
    """List the sources."""
    from gateway import settings, sources, startup

    url = settings.load().database_url
    startup.prepare(url)
    for line in startup.using(url, sources.lines):
        typer.echo(line)


@app.command()
def disconnect(name: Annotated[str, typer.Argument(help="The source.")]) -> None:
    """Leave a platform alone: its rows stay, and what is changed here stays here."""
    from gateway import settings, sources, startup

    url = settings.load().database_url
    startup.prepare(url)
    startup.using(url, lambda database: sources.disconnect(database, name))
    typer.echo(f"The source {name} is disconnected.")


def sync(
    name: Annotated[
        str | None, typer.Argument(help="The source; all of them if not given.")
    ] = None,
) -> None:
    """Read what the platforms have, and write what differs."""
    from gateway import settings, sources, startup
    from gateway.bar import bar_of

    chosen = settings.load()
    startup.prepare(chosen.database_url)
    with bar_of("Syncing") as bar:

        def tell(source: str, progress: "Progress") -> None:
            label = f"{source}: {progress.resource}, {progress.rows} rows"
            bar.update(bar.task_ids[0], description=label, completed=progress.pages)

        done = startup.using(
            chosen.database_url, lambda database: sources.sync(database, chosen, name, tell)
        )
    for line in done:
        typer.echo(line)
