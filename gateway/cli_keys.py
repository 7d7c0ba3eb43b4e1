"""The commands `trialgraph keys …`."""

from typing import Annotated

import typer

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is called.")],
    *,
    scope: Annotated[
        list[str], typer.Option(help="What it may do, such as experiment:read; may be repeated.")
    ],
    team: Annotated[
        list[str] | None,
        typer.Option(help="Bind it to a team, by name or id; may be repeated."),
    ] = None,
    include_unowned: Annotated[
        bool, typer.Option("--include-unowned", help="Let it see what belongs to no team, too.")
    ] = False,
    user: Annotated[
        str | None, typer.Option(help="The mail address of the user in whose name it acts.")
    ] = None,
    expires_in: Annotated[
        str | None, typer.Option(help="When it expires: 30m, 12h, 90d, 4w; never if not given.")
    ] = None,
) -> None:
    """Make a key and print its secret, which is kept nowhere else."""
    from gateway import keys, settings, startup

    keys.check_scopes(scope)
    lasts = None if expires_in is None else keys.duration(expires_in)
    asked = keys.Asked(name, scope, team or (), include_unowned, user, lasts)
    url = settings.load().database_url
    startup.prepare(url)
    made = startup.using(url, lambda database: keys.create(database, asked))
    typer.echo(made.secret)
    typer.echo("This is the only time that it is shown.", err=True)


@app.command("list")
def list_() -> None:
    """List the keys, without their secrets."""
    from gateway import keys, settings, startup

    url = settings.load().database_url
    startup.prepare(url)
    for line in startup.using(url, keys.lines):
        typer.echo(line)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Its prefix, as `keys list` shows it, or its id.")],
) -> None:
    """Make a key useless at once."""
    from gateway import keys, settings, startup

    url = settings.load().database_url
    startup.prepare(url)
    row, was_good = startup.using(url, lambda database: keys.cancel(database, key))
    typer.echo(f"{row.prefix} ({row.name}) {'is revoked' if was_good else 'was revoked before'}.")
