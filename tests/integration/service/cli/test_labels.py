"""`shipledger labels`, from the terminal through the service and back."""

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

Labels = Callable[..., Awaitable[Result]]


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def labels(service_url: str, organization: Organization) -> Labels:
    async def run(*arguments: str) -> Result:
        command = ["labels", *arguments, "--url", service_url, "--key", organization.key]
        result = await asyncio.to_thread(CliRunner().invoke, main, command)
        assert result.exit_code == 0, result.output
        return result

    return run


async def test_labels_are_turned_on_and_off(labels: Labels) -> None:
    assert (await labels("status")).stdout.startswith("labels are off\n  0 of 0 repositories have a name\n")
    assert json.loads((await labels("on", "--json")).stdout)["enabled"] is True
    assert (await labels("status")).stdout.startswith("labels are on\n")
    assert json.loads((await labels("off", "--json")).stdout)["enabled"] is False


async def test_a_dry_run_changes_nothing(labels: Labels) -> None:
    await labels("on")
    assert (await labels("off", "--dry-run")).stdout.endswith("nothing was changed (--dry-run)\n")
    assert json.loads((await labels("status", "--json")).stdout)["enabled"] is True
