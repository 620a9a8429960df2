"""Why a request got no answer is said in words of ours."""

import socket
import ssl

import pytest
import requests

from workers.forge_access.broken import broken_by


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        (socket.gaierror("CANARY.example"), "its host name is not known"),
        (ssl.SSLCertVerificationError("CANARY.example"), "its TLS certificate is not accepted"),
        (ConnectionRefusedError("CANARY"), "the connection was refused"),
        (TimeoutError("CANARY"), "the connection timed out"),
        (OSError("CANARY"), "the connection failed"),
    ],
)
def test_the_reason_is_found_below_the_errors_that_wrap_it(reason: Exception, says: str) -> None:
    assert broken_by(requests.ConnectionError(RuntimeError(reason))) == says


def test_a_refused_connection_is_recognized_as_a_library_reports_it() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(requests.ConnectionError) as raised:
            requests.get(f"http://127.0.0.1:{port}", timeout=5)
    assert broken_by(raised.value) == "the connection was refused"
