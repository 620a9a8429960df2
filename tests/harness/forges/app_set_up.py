"""An organization that sets up a GitHub App: asks the service, confirms at GitHub, installs, and hears webhooks."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.harness.forges.github import FakeGithub
from tests.harness.forges.github_apps import App, Installation
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.process_deliveries import process_deliveries
from workers.jobs.set_up_github_apps import set_up_github_apps


@dataclass
class AppSetUp:
    """`url` is GitHub's address; the worker's context reaches it."""

    client: httpx.AsyncClient
    organization: Organization
    fake: FakeGithub
    url: str
    context: WorkerContext

    async def begin(self, status: int = 201, **asked: Any) -> dict[str, Any]:
        body = {"base_url": self.url, "public_url": "https://ledger.example.com", **asked}
        answer = await self.client.post("/api/v1/github-apps", json=body, headers=self.organization.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def confirm(self, begun: dict[str, Any]) -> str:
        """Press the button at GitHub; where the browser is sent then, as seen from the service."""
        state = begun["page"].rpartition("/")[2]
        place = urlsplit(self.fake.apps.confirm(begun["manifest"], state))
        return f"{place.path}?{place.query}"

    async def work(self) -> None:
        await set_up_github_apps(self.context, self.organization.organization_id)

    async def show(self, begun: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/github-apps/{begun['id']}", headers=self.organization.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def registered(self, **asked: Any) -> tuple[App, dict[str, Any]]:
        """An App, registered from the beginning to the end; and what is shown of it."""
        begun = await self.begin(**asked)
        assert (await self.client.get(self.confirm(begun))).status_code == 303
        await self.work()
        shown = await self.show(begun)
        assert shown["state"] == "registered", shown
        return self.fake.apps.registered[shown["app_id"]], shown

    async def come_back(self, shown: dict[str, Any], installation: Installation, **more: str) -> httpx.Response:
        """What the browser asks after GitHub installed the App from the page that `install_url` names."""
        state = parse_qs(urlsplit(shown["install_url"]).query)["state"][0]
        parameters = {"installation_id": str(installation.number), "setup_action": "install", "state": state, **more}
        return await self.client.get(f"/github/installed/{shown['id']}", params=parameters)

    async def tell(self, app: App, event: str, payload: dict[str, Any], *, secret: str | None = None) -> httpx.Response:
        """A webhook of the App."""
        headers, body = self.fake.apps.signed(app, event, payload, secret)
        return await self.client.post("/webhooks/github", content=body, headers=headers)

    async def tell_of(self, app: App, installation: Installation, action: str, **more: Any) -> None:
        """A webhook about an installation, heard and processed; GitHub tells times in whole seconds."""
        self.fake.clock.sleep(1)
        event = "installation_repositories" if action in {"added", "removed"} else "installation"
        answer = await self.tell(app, event, self.fake.apps.payload(app, installation, action, **more))
        assert answer.json() == {"delivery": "stored"}, answer.text
        await process_deliveries(self.context, self.organization.organization_id)
