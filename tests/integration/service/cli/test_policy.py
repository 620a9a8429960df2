"""`shipledger policy`: set, listed and removed, as somebody types it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from schema.settings import Settings
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization

Policy = Callable[..., Awaitable[Result]]
SET = ("set", "--provider", "anthropic", "--model", "claude-*", "--model", "gpt-5")


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def policy(service_url: str, organization: Organization) -> Policy:
    async def run(*arguments: str) -> Result:
        command = ["policy", *arguments, "--url", service_url, "--key", organization.key]
        return await asyncio.to_thread(CliRunner().invoke, main, command)

    return run


async def test_a_policy_is_set_listed_and_removed(policy: Policy) -> None:
    assert (await policy(*SET, "--dry-run")).output == "the policy is valid; nothing was stored (--dry-run)\n"
    assert json.loads((await policy("list", "--json")).stdout) == {"items": []}
    assert (await policy(*SET)).output == "set the policy of the organization\n"
    assert (await policy("set", "--region", "eu", "--team", "default")).output == "set the policy of team default\n"
    whole = {"team": None, "providers": ["anthropic"], "models": ["claude-*", "gpt-5"], "regions": []}
    own = {"team": "default", "providers": [], "models": [], "regions": ["eu"]}
    assert json.loads((await policy("list", "--json")).stdout) == {"items": [whole, own]}
    assert "claude-*" in (await policy("list")).output
    assert (await policy("remove", "--dry-run")).output == "would remove the policy of the organization\n"
    assert (await policy("remove")).output == "removed the policy of the organization\n"
    assert json.loads((await policy("list", "--json")).stdout) == {"items": [own]}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("set",), 2, "policy remove"),
        (("set", "--model", "asked by Jane"), 1, "models"),
        (("set", "--model", "gpt-5", "--team", "nobody"), 1, "team"),
    ],
)
async def test_a_bad_policy_says_what_is_wrong(
    policy: Policy, arguments: tuple[str, ...], code: int, said: str
) -> None:
    failed = await policy(*arguments)
    assert (failed.exit_code, said in failed.output) == (code, True)
