"""The connectors of sources: one for each, made when it is first needed."""

from dataclasses import dataclass, field
from importlib import import_module

from connectors.base import Connector
from connectors.credentials import Secrets, SecretsUnreadable, credential_of
from connectors.errors import Arrived, PlatformFailed
from connectors.http import Api
from models.phase import Platform
from models.source import Source, SourceState

HOMES = {
    Platform.ABSMARTLY: "connectors.absmartly.client",
    Platform.POSTHOG: "connectors.posthog.client",
    Platform.AUTH0: "connectors.auth0.client",
    Platform.CHECKMANGO: "connectors.checkmango.client",
}
"""Where the connector of a platform is; a process imports those that it has sources of."""


def kind_of(platform: Platform) -> type[Connector]:
    """The connector's class of a platform that has one."""
    kind: type[Connector] = import_module(HOMES[platform]).CONNECTOR
    return kind


@dataclass(slots=True)
class Registry:
    """The connectors of this process."""

    secrets: Secrets = field(default_factory=Secrets)
    opened: dict[tuple[int, str], Connector] = field(default_factory=dict)

    def open(self, source: Source) -> Connector:
        """The connector of a source.

        Raises PlatformFailed where it is not connected, or has no URL or credential.
        """
        if source.state is SourceState.DETACHED:
            raise self._useless(source, "is not connected to a platform")
        key = (source.id, source.url or "")
        if key not in self.opened:
            self.opened[key] = self._made(source)
        return self.opened[key]

    async def close(self) -> None:
        """Close every connection."""
        for connector in self.opened.values():
            await connector.api.close()
        self.opened.clear()

    def _made(self, source: Source) -> Connector:
        if source.platform not in HOMES or not source.url:
            raise self._useless(source, "is not connected to a platform")
        kind = kind_of(source.platform)
        try:
            credential = credential_of(self.secrets, source.name, kind.scheme)
        except SecretsUnreadable as error:
            reason = "has no credential in this process: the file of secrets cannot be used"
            raise self._useless(source, reason) from error
        if credential is None:
            raise self._useless(source, "has no credential in this process")
        url, limit = source.url, kind.per_minute
        return kind(Api(source.name, url, credential, per_minute=limit, expired=kind.expired))

    @staticmethod
    def _useless(source: Source, reason: str) -> PlatformFailed:
        return PlatformFailed(source.name, reason, arrived=Arrived.NO, retryable=False)
