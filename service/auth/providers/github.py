"""GitHub's OAuth: organizations and teams are groups, verified mail addresses give domains."""

from collections.abc import AsyncIterator
from typing import Any

from service.auth.members.matching import Identity
from service.auth.providers.attempt import Attempt
from service.auth.providers.provider import mail_domain, oauth_client, reported

SCOPE = "read:org user:email"
PUBLIC = "https://github.com"
PER_PAGE = 100
# More organizations or teams of one person are not read.
MOST_PAGES = 10


class GithubProvider:
    """github.com, or a GitHub Enterprise Server at another address."""

    name = "github"
    title = "GitHub"

    def __init__(self, *, url: str, client_id: str, client_secret: str) -> None:
        self._url = url.rstrip("/")
        self._api = "https://api.github.com" if self._url == PUBLIC else f"{self._url}/api/v3"
        self._client_id, self._client_secret = client_id, client_secret

    async def address(self, attempt: Attempt, redirect_uri: str) -> str:
        """Return the address at which a person signs in."""
        with reported(self.title):
            async with self._client(redirect_uri) as client:
                url, _ = client.create_authorization_url(
                    f"{self._url}/login/oauth/authorize", state=attempt.state, code_verifier=attempt.verifier
                )
            return str(url)

    async def identify(self, attempt: Attempt, code: str, redirect_uri: str) -> Identity:
        """Exchange the code, and read the person's id, groups and verified domains; raises ProviderError."""
        with reported(self.title):
            async with self._client(redirect_uri) as client:
                await client.fetch_token(
                    f"{self._url}/login/oauth/access_token",
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                )
                person = (await client.get(f"{self._api}/user")).raise_for_status().json()
                groups = [each["login"] async for each in self._pages(client, "/user/orgs")]
                groups += [
                    f"{each['organization']['login']}/{each['slug']}"
                    async for each in self._pages(client, "/user/teams")
                ]
                mails = [each async for each in self._pages(client, "/user/emails") if each.get("verified") is True]
            domains = {mail_domain(each["email"]) for each in mails} - {None}
            return Identity(
                provider=self.name,
                issuer=self._url,
                subject=str(int(person["id"])),
                groups=frozenset(groups),
                domains=frozenset(each for each in domains if each),
            )

    async def _pages(self, client: Any, path: str) -> AsyncIterator[Any]:
        for page in range(1, MOST_PAGES + 1):
            answer = await client.get(f"{self._api}{path}", params={"per_page": PER_PAGE, "page": page})
            items = answer.raise_for_status().json()
            for item in items:
                yield item
            if len(items) < PER_PAGE:
                return

    def _client(self, redirect_uri: str) -> Any:
        return oauth_client(self._client_id, self._client_secret, SCOPE, redirect_uri, "client_secret_post")
