"""An organization that sets up a GitHub App: it registers, confirms at GitHub, installs, and gets webhooks."""

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
    """Sets up Apps at `url`, which the worker's context can reach."""

    client: httpx.AsyncClient
    organization: Organization
    fake: FakeGithub
    url: str
    context: WorkerContext

    async def begin(self, status: int = 201, **fields: Any) -> dict[str, Any]:
        body = {"base_url": self.url, "public_url": "https://ledger.example.com", **fields}
        answer = await self.client.post("/api/v1/github-apps", json=body, headers=self.organization.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def confirm(self, begun: dict[str, Any]) -> str:
        """Press the button at GitHub; return the path at the service to which the browser is redirected."""
        state = begun["page"].rpartition("/")[2]
        place = urlsplit(self.fake.apps.confirm(begun["manifest"], state))
        return f"{place.path}?{place.query}"

    async def work(self) -> None:
        await set_up_github_apps(self.context, self.organization.organization_id)

    async def show(self, begun: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/github-apps/{begun['id']}", headers=self.organization.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def registered(self, **fields: Any) -> tuple[App, dict[str, Any]]:
        """Register an App; return it and how the service shows it."""
        begun = await self.begin(**fields)
        assert (await self.client.get(self.confirm(begun))).status_code == 303
        await self.work()
        shown = await self.show(begun)
        assert shown["state"] == "registered", shown
        return self.fake.apps.registered[shown["app_id"]], shown

    async def come_back(self, shown: dict[str, Any], installation: Installation, **more: str) -> httpx.Response:
        """Send the browser's request after GitHub installed the App from the page at `install_url`."""
        state = parse_qs(urlsplit(shown["install_url"]).query)["state"][0]
        parameters = {"installation_id": str(installation.number), "setup_action": "install", "state": state, **more}
        return await self.client.get(f"/github/installed/{shown['id']}", params=parameters)

    async def send(self, app: App, event: str, payload: dict[str, Any], *, secret: str | None = None) -> httpx.Response:
        """Send a webhook of the App."""
        headers, body = self.fake.apps.signed(app, event, payload, secret)
        return await self.client.post("/webhooks/github", content=body, headers=headers)

    async def send_installation(self, app: App, installation: Installation, action: str, **more: Any) -> None:
        """Send and process a webhook about an installation; GitHub's times are whole seconds."""
        self.fake.clock.sleep(1)
        event = "installation_repositories" if action in {"added", "removed"} else "installation"
        answer = await self.send(app, event, self.fake.apps.payload(app, installation, action, **more))
        assert answer.json() == {"delivery": "stored"}, answer.text
        await process_deliveries(self.context, self.organization.organization_id)
