"""The URLs that the extension hands out: to clients of the app, and to its functions."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from wfsim.history.jsontext import write

__all__ = ["Links"]

_PATH = "/runtime/webhooks/durabletask"
_RPC_URL = "http://127.0.0.1:17071/durabletask/"
_CONNECTION = "Storage"
_PLACEHOLDER = "INSTANCEID"
# Route segments are not percent-decoded, so a % in an id is a % of its URL.
_AS_THEY_ARE = "%:@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Makes the extension's URLs.

    Args:
        base_url: Scheme and host where clients reach this host, without a slash at the end.
        hub_name: The task hub.
        key: The extension's system key, which stands in every URL; empty for none.
    """

    base_url: str = "http://localhost:7071"
    hub_name: str = "TestHubName"
    key: str = "wfsim"

    def management(
        self,
        instance_id: str,
        *,
        origin: str | None = None,
        task_hub: str | None = None,
        connection: str | None = None,
    ) -> dict[str, str]:
        """Return the management URLs of an instance, with its id.

        Args:
            instance_id: Which one.
            origin: Scheme and host of the URLs; those of `base_url` if None.
            task_hub: Another task hub than the app's.
            connection: Another storage connection than the app's.
        """
        base = f"{self.base_url if origin is None else origin}{_PATH}"
        # A lone surrogate has no UTF-8, and thus no URL.
        one = f"{base}/instances/{quote(instance_id, safe=_AS_THEY_ARE, errors='replace')}"
        hub = quote_plus(task_hub or self.hub_name, errors="replace")
        storage = quote_plus(connection or _CONNECTION, errors="replace")
        query = "&".join(filter(None, (f"taskHub={hub}&connection={storage}", self._code)))
        return {
            "id": instance_id,
            "statusQueryGetUri": f"{one}?{query}",
            "sendEventPostUri": f"{one}/raiseEvent/{{eventName}}?{query}",
            "terminatePostUri": f"{one}/terminate?reason={{text}}&{query}",
            "rewindPostUri": f"{one}/rewind?reason={{text}}&{query}",
            "purgeHistoryDeleteUri": f"{one}?{query}",
            "restartPostUri": f"{one}/restart?{query}",
            "suspendPostUri": f"{one}/suspend?reason={{text}}&{query}",
            "resumePostUri": f"{one}/resume?reason={{text}}&{query}",
        }

    def binding(self, *, task_hub: str | None = None, connection: str | None = None) -> str:
        """Return the text that a function's client parameter is made of (semantics 6.4).

        Args:
            task_hub: What the binding names as its task hub.
            connection: What it names as its connection.
        """
        base = f"{self.base_url}{_PATH}"
        create = f"{base}/orchestrators/{{functionName}}[/{{instanceId}}]"
        waits = "timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}"
        return write(
            {
                "taskHubName": task_hub or self.hub_name,
                "connectionName": connection,
                "creationUrls": {
                    "createNewInstancePostUri": f"{create}?{self._code}",
                    "createAndWaitOnNewInstancePostUri": f"{create}?{waits}&{self._code}",
                },
                "managementUrls": self.management(
                    _PLACEHOLDER, task_hub=task_hub, connection=connection
                ),
                "baseUrl": base,
                "requiredQueryStringParameters": self._code,
                "rpcBaseUrl": _RPC_URL,
                "httpBaseUrl": None,
            }
        )

    @property
    def _code(self) -> str:
        return f"code={quote_plus(self.key)}" if self.key else ""
