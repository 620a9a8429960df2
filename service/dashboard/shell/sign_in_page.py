"""Pages that ask a person to sign in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from service.dashboard.components.view_bar import Choice as Link
from service.dashboard.shell.answers import message, render

COMMAND = "shipledger dashboard-link"
HOW_TO_GET_A_LINK = "To get a link that signs you in once, run this where the service runs:"


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of the page: its text, and the address that it leads to."""

    title: str
    address: str


def sign_in_page(status: int, providers: Mapping[str, Any], to: str) -> Response[str]:
    """Ask to sign in at one of the providers, or by a link; `to` is the page to show afterwards."""
    query = "" if to == "/" else f"?{urlencode({'to': to})}"
    choices = [
        Choice(f"Sign in with {provider.title}", f"/sign-in/with/{name}{query}") for name, provider in providers.items()
    ]
    return render(
        "shell/sign_in.html",
        status,
        heading="Sign in",
        sentence="Sign in first." if status != 200 and not choices else "",  # noqa: PLR2004 - the page itself
        choices=choices,
        how=(
            "Or get a link that signs you in once. Run this where the service runs:" if choices else HOW_TO_GET_A_LINK
        ),
        command=COMMAND,
    )


def choice_page(choices: Sequence[Choice]) -> Response[str]:
    """Ask which organization to sign in to."""
    return render(
        "shell/sign_in.html",
        heading="Choose an organization",
        sentence="You may sign in to several organizations.",
        choices=choices,
        how="",
        command="",
    )


def used_link_page() -> Response[str]:
    """Say that a link no longer works."""
    return message(
        410,
        "This link no longer works",
        "It was used, revoked, or it expired.",
        HOW_TO_GET_A_LINK,
        command=COMMAND,
        back=Link("Go to the sign-in page", "/sign-in", is_current=False),
    )
