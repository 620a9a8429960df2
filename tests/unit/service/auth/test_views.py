"""Views that can be shared: pages with figures, and no free text."""

import pytest

from schema.errors import BadInputError
from service.auth.views import PARAMETERS, is_same_view, read_view
from service.dashboard.view.view import DEFAULTS


def test_a_view_keeps_its_parameters_in_order() -> None:
    assert read_view("/spend?team=web&period=4w") == "/spend?period=4w&team=web"
    assert read_view("/") == "/"


@pytest.mark.parametrize(
    "view",
    [
        "spend",
        "//evil.example/",
        "/\\evil.example",
        "https://evil.example/",
        "/spend#part",
        "/api/v1/keys",
        "/github",
        "/administration",
        "/sign-in",
        "/spend?q=somebody",
        "/spend?period=" + "x" * 1000,
    ],
)
def test_other_addresses_are_refused(view: str) -> None:
    with pytest.raises(BadInputError):
        read_view(view)


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/spend", "team=web&period=4w", True),
        ("/spend.csv", "period=4w&team=web", True),
        ("/spend", "period=4w", False),
        ("/spend", "period=4w&team=web&team=mobile", False),
        ("/spend", "period=4w&team=mobile", False),
        ("/teams", "period=4w&team=web", False),
    ],
)
def test_a_shared_view_opens_itself_and_its_file_only(path: str, query: str, expected: bool) -> None:
    assert is_same_view("/spend?period=4w&team=web", path, query) is expected


def test_every_parameter_of_pages_can_be_shared_but_free_text_and_what_a_form_did() -> None:
    assert set(PARAMETERS) == set(DEFAULTS) - {"q", "done"}
