import socket

import pytest

from workers.forge_access.errors import PrivateAddressError
from workers.forges.addresses import connect


def test_a_name_that_leads_inside_is_refused_before_any_connection() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.2)
        with pytest.raises(PrivateAddressError):
            connect("localhost", listening.getsockname()[1], 1, None)
        with pytest.raises(TimeoutError):
            listening.accept()
