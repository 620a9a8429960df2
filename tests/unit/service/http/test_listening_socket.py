import socket

import pytest

from schema.errors import SetUpError
from service.http.listening_socket import listen, local_url


def test_port_0_takes_a_free_one_and_its_url_can_be_reached() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        assert local_url(listening) == f"http://127.0.0.1:{port}"
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass


def test_a_socket_on_every_address_is_reached_through_this_machine_s_own() -> None:
    with listen("0.0.0.0", 0) as listening:
        assert local_url(listening).startswith("http://127.0.0.1:")


def test_a_busy_port_is_named() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(SetUpError, match=rf"port {first.getsockname()[1]} .* in use"):
        listen("127.0.0.1", first.getsockname()[1])


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_that_is_not_this_machine_s_is_named(host: str) -> None:
    with pytest.raises(SetUpError, match=host):
        listen(host, 0)
