"""A few figures are read without the libraries that take long to import."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, Request, get
from litestar.exceptions import PermissionDeniedException

from service.cli.quick_reads import get_quickly
from service.client import Address
from tests.harness.listening import listening

KEY = "sl1_1_quick"


@get("/under/figure", sync_to_thread=False)
def figure(request: Request[Any, Any, Any]) -> dict[str, int]:
    if request.headers.get("authorization") != f"Bearer {KEY}":
        raise PermissionDeniedException
    return {"number": 7}


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with listening(Litestar([figure], openapi_config=None)) as served:
        yield served


def test_the_json_at_each_path_is_returned(url: str) -> None:
    assert get_quickly(Address(f"{url}/under", KEY), "/figure", "/figure") == [{"number": 7}, {"number": 7}]


def test_what_takes_more_is_left_to_the_client(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert get_quickly(Address(f"{url}/under", "another"), "/figure") is None
    assert get_quickly(Address(url, KEY), "/nowhere") is None
    assert get_quickly(Address("http://127.0.0.1:9", KEY), "/figure") is None
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    assert get_quickly(Address(f"{url}/under", KEY), "/figure") is None


def test_an_import_of_nothing_new_loads_neither_httpx_nor_rich() -> None:
    code = (
        "import service.cli.imports.claude_code, service.cli.spending, sys; print({'httpx', 'rich'} & set(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout == "set()\n"
