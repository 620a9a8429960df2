"""The command line's HTTP client: finds a running service and reports its errors in one line."""

# ruff: noqa: PLC0415 - httpx takes longer to import than many a command takes to run
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec
from platformdirs import user_state_dir

from schema.errors import SetUpError
from vocabulary.web_addresses import AddressError, read_web_address

if TYPE_CHECKING:
    import httpx

URL_VARIABLE = "SHIPLEDGER_URL"
KEY_VARIABLE = "SHIPLEDGER_API_KEY"
DEFAULT_URL = "http://127.0.0.1:8787"

REQUEST_SECONDS = 60.0
ATTEMPTS = 7
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 15.0
# Responses and errors to retry; every request sent here is idempotent.
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a service and an API key, which `repr` hides from tracebacks."""

    url: str
    key: str = field(repr=False)


class Running(msgspec.Struct, frozen=True):
    """What a stack on this machine announces: its URL and API key, its data folder, and the process that runs it."""

    url: str = ""
    api_key: str = ""
    data: str = ""
    pid: int = 0
    is_demo: bool = False

    @property
    def is_alive(self) -> bool:
        """Return whether the process still exists; a killed one leaves its announcement behind."""
        if not self.pid:
            return bool(self.url)
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True


def state_folder() -> Path:
    """Return the folder of what this user's commands remember."""
    return Path(user_state_dir("shipledger"))


def running_file() -> Path:
    """Return the file in which `shipledger up` leaves its URL and API key for commands on this machine."""
    return state_folder() / "running.json"


def find_address(url: str | None = None, key: str | None = None) -> Address:
    """Find the service: from options, then SHIPLEDGER_URL and SHIPLEDGER_API_KEY, then the one on this machine.

    The key of `shipledger up` is only sent to that service. Raises SetUpError if no key is found.

    """
    running = read_running()
    url = given_url(url) or running.url.rstrip("/") or DEFAULT_URL
    key = key or os.environ.get(KEY_VARIABLE)
    if not key and url == running.url.rstrip("/"):
        key = running.api_key
    if not key:
        raise SetUpError(
            f"no API key for {url}; start a service here with: shipledger up, or pass --key or set {KEY_VARIABLE}"
        )
    return Address(url, key)


def given_url(url: str | None = None) -> str | None:
    """Return the URL from `--url` or SHIPLEDGER_URL, None without either. Raises SetUpError if it is not a base URL."""
    source, text = ("--url", url) if url else (URL_VARIABLE, os.environ.get(URL_VARIABLE))
    if not text:
        return None
    try:
        return read_web_address(text, example=DEFAULT_URL).text
    except AddressError as error:
        raise SetUpError(f"{source} {error}") from None


def read_running() -> Running:
    """Return the stack that commands on this machine talk to; empty if there is none."""
    try:
        running = msgspec.json.decode(running_file().read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return Running()
    return running if running.is_alive else Running()


class Client:
    """A session with one service. Errors are raised as SetUpError with one line for the terminal."""

    def __init__(
        self,
        address: Address,
        *,
        transport: "httpx.BaseTransport | None" = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        import httpx

        self._url = address.url
        self._pause = pause
        self._http = httpx.Client(
            base_url=address.url,
            headers={"Authorization": f"Bearer {address.key}", "User-Agent": "shipledger"},
            timeout=REQUEST_SECONDS,
            transport=transport,
        )

    @property
    def url(self) -> str:
        """Return the URL of the service, without a trailing slash."""
        return self._url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, parameters: dict[str, str] | None = None) -> Any:
        """Get the JSON at a path."""
        return self._send("GET", path, params=parameters)

    def text(self, path: str) -> str:
        """Get the text at a path; empty if the service does not have it."""
        import httpx

        try:
            response = self._http.get(path)
        except httpx.TransportError as error:
            raise SetUpError(f"the service at {self._url} stopped answering; run the command again") from error
        if response.status_code != HTTPStatus.NOT_FOUND and not response.is_success:
            self._read(response)
        return response.text if response.is_success else ""

    def items(self, path: str, parameters: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """Get all items of a list, page by page."""
        found: list[dict[str, Any]] = []
        query = dict(parameters or {})
        while True:
            page = self.get(path, query)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    def download(self, path: str, parameters: dict[str, str], file: Path) -> int:
        """Write a streamed response to a file, in place of it only once it is complete; returns its bytes."""
        import httpx

        part = file.with_name(f"{file.name}.part")
        try:
            with self._http.stream("GET", path, params=parameters) as response:
                if not response.is_success:
                    response.read()
                    self._read(response)
                with part.open("wb") as target:
                    for chunk in response.iter_bytes():
                        target.write(chunk)
            part.replace(file)
        except httpx.TransportError as error:
            raise SetUpError(f"the service at {self._url} stopped answering; run the command again") from error
        except OSError as error:
            raise SetUpError(
                f"{file} cannot be written ({error.strerror}); choose another file with --output"
            ) from error
        finally:
            part.unlink(missing_ok=True)
        return file.stat().st_size

    def post(self, path: str, body: Any) -> Any:
        """Post a body (JSON-like values or msgspec structs); returns the JSON response."""
        return self._send("POST", path, content=msgspec.json.encode(body), headers={"Content-Type": "application/json"})

    def put(self, path: str, body: Any) -> Any:
        """Put a body, as `post` does."""
        return self._send("PUT", path, content=msgspec.json.encode(body), headers={"Content-Type": "application/json"})

    def patch(self, path: str, body: Any) -> Any:
        """Patch a resource with a body, as `post` does."""
        return self._send(
            "PATCH", path, content=msgspec.json.encode(body), headers={"Content-Type": "application/json"}
        )

    def delete(self, path: str) -> Any:
        """Delete the resource at a path; returns the JSON response, None without a body."""
        return self._send("DELETE", path)

    def _send(self, method: str, path: str, **request: Any) -> Any:
        import httpx

        broken = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadTimeout)
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            try:
                response = self._http.request(method, path, **request)
            except broken as error:
                if last:
                    raise SetUpError(
                        f"the service at {self._url} stopped answering; run the command again later"
                    ) from error
                self._pause(_wait_seconds(attempt))
            except httpx.TransportError as error:
                raise SetUpError(
                    f"no service answers at {self._url}; start one with: shipledger up, or pass --url"
                ) from error
            else:
                if response.status_code not in BUSY or last:
                    return self._read(response)
                self._pause(_wait_seconds(attempt, response.headers.get("Retry-After")))
        raise AssertionError("the last attempt returns or raises")

    def _read(self, response: "httpx.Response") -> Any:
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            raise SetUpError(
                f"the service at {self._url} does not know this API key; create one with: shipledger key create"
            )
        if not response.is_success:
            raise SetUpError(f"the service at {self._url} answered {response.status_code}: {_reason(response)}")
        if response.status_code == HTTPStatus.NO_CONTENT:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise SetUpError(f"{self._url} is not a Shipledger service; check the URL") from error


def _wait_seconds(attempt: int, retry_after: str | None = None) -> float:
    wait = float(retry_after) if retry_after and retry_after.isdigit() else FIRST_WAIT_SECONDS * 2.0**attempt
    return min(wait, LONGEST_WAIT_SECONDS)


def _reason(response: "httpx.Response") -> str:
    """Return the detail of a problem document, or else the reason phrase of the status."""
    try:
        problem = response.json()
    except ValueError:
        return response.reason_phrase
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return str(detail or response.reason_phrase)
