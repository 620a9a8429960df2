from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from pydantic import SecretStr

from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.identity_providers import (
    CLIENT,
    GithubSignIn,
    OpenIdServer,
    github_sign_in,
    openid_server,
)
from tests.harness.service import serve


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenIdServer]:
    with openid_server() as server:
        yield server


@pytest.fixture
def github() -> Iterator[GithubSignIn]:
    with github_sign_in() as fake:
        yield fake


@pytest.fixture
async def site(settings: Settings, openid: OpenIdServer, github: GithubSignIn) -> AsyncIterator[httpx.AsyncClient]:
    """The service, with both providers set up."""
    update = {
        "oidc_issuer": openid.issuer,
        "oidc_client_id": CLIENT[0],
        "oidc_client_secret": SecretStr(CLIENT[1]),
        "oidc_name": "Example Login",
        "github_url": github.url,
        "github_client_id": CLIENT[0],
        "github_client_secret": SecretStr(CLIENT[1]),
    }
    with application(settings.model_copy(update=update)) as app:
        async with serve(app) as client:
            yield client


@pytest.fixture
async def gitlab_site(settings: Settings, openid: OpenIdServer) -> AsyncIterator[httpx.AsyncClient]:
    """The service with GitLab, which is an OpenID provider."""
    update = {
        "gitlab_url": openid.issuer,
        "gitlab_client_id": CLIENT[0],
        "gitlab_client_secret": SecretStr(CLIENT[1]),
    }
    with application(settings.model_copy(update=update)) as app:
        async with serve(app) as client:
            yield client
