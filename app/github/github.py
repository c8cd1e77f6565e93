"""GitHub, or a company's own GitHub server, as a forge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from .client import Client, part
from .place import GitHubPlace
from .tokens import AppKey, Tokens

_METADATA = {"metadata": "read"}


class GitHub:
    """See `forge.Forge`."""

    def __init__(
        self, client: Client, key: AppKey, *, server_url: str, slug: str, pause_s: float = 1.0
    ) -> None:
        self.host = client.host
        self.client = client
        self.tokens = Tokens(client, key)
        self._key = key
        self._server_url = server_url
        self._slug = slug
        self._pause_s = pause_s

    def place(self, installation: str, repo: str, before_write: Callable[[], None]) -> GitHubPlace:
        """See `forge.Forge`."""
        return GitHubPlace(
            self.tokens,
            installation,
            repo,
            server_url=self._server_url,
            app_id=self._key.app_id,
            slug=self._slug,
            before_write=before_write,
            pause_s=self._pause_s,
        )

    def installations(self) -> Iterator[str]:
        """Yield the ids of the installations that are not suspended."""
        path = "/app/installations?per_page=100"
        for found in self.client.pages(path, authorization=self._key.authorization()):
            if not found.get("suspended_at"):
                yield str(found["id"])

    def repositories(self, installation: str) -> Iterator[str]:
        """See `forge.Forge`."""
        authorization = self.tokens.authorization(installation, "", _METADATA)
        path = "/installation/repositories?per_page=100"
        pages = self.client.pages(path, authorization=authorization, key="repositories")
        for found in pages:
            yield str(found["full_name"])

    def undelivered(self, since: float) -> Iterator[tuple[str, int]]:
        """See `forge.Forge`; a delivery that came through at any attempt is none."""
        attempts: dict[str, list[tuple[int, bool]]] = {}
        path = "/app/hook/deliveries?per_page=100"
        for found in self.client.pages(path, authorization=self._key.authorization()):
            sent = datetime.fromisoformat(found["delivered_at"].replace("Z", "+00:00"))
            if sent.timestamp() < since:
                break
            came = 200 <= int(found.get("status_code") or 0) < 300
            attempts.setdefault(found["guid"], []).append((int(found["id"]), came))
        for guid, tries in reversed(attempts.items()):
            if not any(came for _, came in tries):
                yield guid, max(number for number, _ in tries)

    def redeliver(self, number: int) -> None:
        """See `forge.Forge`."""
        self.client.request(
            "POST",
            f"/app/hook/deliveries/{part(number)}/attempts",
            authorization=self._key.authorization(),
        )
