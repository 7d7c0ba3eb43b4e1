"""Who asks."""

from resolvers import relations as r
from resolvers import viewer
from resolvers.access import Viewer as ViewerFacts
from schema import names as n
from schema.fields import batched, column, computed, of_rows, one


@of_rows(ViewerFacts, "Whoever asks: a key or the bearer of a token, and what they may see.")
class Viewer:
    name: str = column("What people call them.")
    actor: str = column("What tells them apart from everybody else, and never changes.")
    scopes: list[str] = computed(
        viewer.scopes, ["scopes"], "What they may do; admin is everything."
    )
    team_bound: bool = column("Whether they see the rows of their teams only.")
    teams: list[n.Team] = batched(
        viewer.teams, "The teams that they are bound to, with those below them, by name."
    )
    include_unowned: bool = column(
        "Whether they see what belongs to no team, if they are bound to teams."
    )
    user: n.User | None = one(r.USER, "The user in whose name they act.")
    api_key: n.ApiKey | None = one(r.VIEWER_API_KEY, "The API key that they ask with.")
