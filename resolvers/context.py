"""What every resolver is handed: who asks, where the data is, and the operation's loaders."""

from dataclasses import dataclass, field

from models.database import Database
from resolvers.access import Viewer
from resolvers.loaders import Loaders


@dataclass(slots=True)
class Context:
    """One for each operation; loaders do not outlive it."""

    database: Database
    viewer: Viewer
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        """Loaders see what the viewer sees."""
        self.loaders = Loaders(self.database, self.viewer)
