"""The limits of a process, and the memory that its clients may take."""

from dataclasses import dataclass

from schema.settings import MEBIBYTE, Settings
from service.http.admission.addresses import Network, networks

# Heads: the number and size that common servers and proxies allow, and none of our clients needs.
HEAD_BYTES = 64 * 1024
HEADERS = 100
# Requests of one connection that wait for the response to an earlier one.
PIPELINED = 16
# Bytes of a body's framing: chunk sizes, extensions and trailers.
FRAMING_BYTES = 8 * 1024
# A body may arrive in this many pieces of any size, and beyond that in pieces of this mean size.
PIECES = 128
PIECE_BYTES = 64

# Seconds, counted by the sweep, which looks at each connection once a second.
HEAD_SECONDS = 10
KEEP_ALIVE_SECONDS = 5
BODY_SECONDS = 120
# A body that takes longer than this must have a mean rate.
BODY_GRACE_SECONDS = 10
BODY_BYTES_A_SECOND = 1024
# A client that takes less than this of a response within these seconds is cut off.
STALLED_SECONDS = 30
STALLED_BYTES = 1024
# An early answer is given this time to arrive before the connection is cut.
LINGER_SECONDS = 2
LINGER_BYTES = 256 * 1024
CLOSING_SECONDS = 10

# Responses that are not yet taken, in all and by one address.
UNSENT_BYTES = 128 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that an operator may change."""

    connections: int = 4096
    connections_of_address: int = 1024
    body_bytes: int = 192 * MEBIBYTE
    body_bytes_of_address: int = 96 * MEBIBYTE
    requests_of_address: int = 500
    failures_of_address: int = 300
    trusted_proxies: tuple[Network, ...] = ()
    metrics_port: int | None = None


def limits_of(settings: Settings) -> Limits:
    """Return the limits in the settings. One body of the largest size that an endpoint takes always fits."""
    largest = max(settings.webhook_body_limit, settings.telemetry_body_limit) + MEBIBYTE
    total = max(settings.body_budget, largest)
    return Limits(
        connections=settings.connection_limit,
        connections_of_address=max(1, settings.connection_limit // 4),
        body_bytes=total,
        body_bytes_of_address=max(total // 2, largest),
        requests_of_address=settings.address_rate,
        failures_of_address=settings.failed_sign_ins,
        trusted_proxies=networks(settings.trusted_proxies),
        metrics_port=settings.metrics_port,
    )
