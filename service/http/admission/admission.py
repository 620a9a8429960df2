"""What the clients of this process take together: connections, and bytes of bodies and responses under way."""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Protocol

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from service.http.admission import refusals
from service.http.admission.addresses import Proxies
from service.http.admission.limits import UNSENT_BYTES, Limits
from service.http.admission.refusals import Refusal
from service.http.admission.strangers import Strangers
from service.http.admission.turns import Turns


class Connection(Protocol):
    """A connection, as its protocol shows it."""

    @property
    def is_waiting(self) -> bool:
        """Return whether no request of the connection is complete, so that closing it loses nothing."""

    def evict(self) -> None:
        """Close the connection for a newer one."""

    def tick(self) -> None:
        """Take notice that a second has passed."""


class Client:
    """What one address takes now."""

    __slots__ = ("address", "body_bytes", "connections", "unsent_bytes")

    def __init__(self, address: str) -> None:
        self.address = address
        self.connections: dict[Connection, None] = {}
        self.body_bytes = self.unsent_bytes = 0

    @property
    def is_gone(self) -> bool:
        """Return whether nothing is taken any more."""
        return not (self.connections or self.body_bytes or self.unsent_bytes)


class Admission(Collector):
    """The limits of one process and what is taken of them; everything runs in its event loop."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.proxies = Proxies(limits.trusted_proxies)
        self.strangers = Strangers(limits.requests_of_address, limits.failures_of_address)
        self.turns = Turns()
        self._clients: dict[str, Client] = {}
        self._refused: Counter[str] = Counter()
        self._connections = self.body_bytes = 0
        self.connections_made = 0

    def client(self, address: str) -> Client:
        """Return what an address takes."""
        client = self._clients.get(address)
        if client is None:
            self._clients[address] = client = Client(address)
        return client

    def enter(self, client: Client, connection: Connection, *, is_proxy: bool) -> Refusal | None:
        """Count a new connection, and close an older one that waits if there are too many.

        Returns the refusal if none of the others waits. A trusted proxy may have any number.
        """
        refusal = None
        if not is_proxy and len(client.connections) >= self.limits.connections_of_address:
            refusal = None if evicted(client) else refusals.MANY_CONNECTIONS_OF_ADDRESS
        elif self._connections >= self.limits.connections:
            largest = max(self._clients.values(), key=lambda each: len(each.connections))
            refusal = None if evicted(largest) else refusals.MANY_CONNECTIONS
        self._connections += 1
        self.connections_made += 1
        client.connections[connection] = None
        return refusal

    def leave(self, client: Client, connection: Connection) -> None:
        """Take an ended connection off the count."""
        self._connections -= 1
        client.connections.pop(connection, None)

    def hold(self, client: Client, number: int) -> Refusal | None:
        """Count bytes of a body that is under way; returns the refusal if there are too many."""
        client.body_bytes += number
        self.body_bytes += number
        if client.body_bytes > self.limits.body_bytes_of_address:
            return refusals.MANY_BODY_BYTES_OF_ADDRESS
        return refusals.MANY_BODY_BYTES if self.body_bytes > self.limits.body_bytes else None

    def release(self, client: Client, number: int) -> None:
        """Take the bytes of a body off the count."""
        client.body_bytes -= number
        self.body_bytes -= number

    def owe(self, client: Client, number: int) -> bool:
        """Count bytes of a response that the client does not take yet; return whether it leaves too many."""
        client.unsent_bytes += number
        return client.unsent_bytes > UNSENT_BYTES

    def count_refusal(self, refusal: Refusal) -> None:
        """Count a refusal by its reason."""
        self._refused[refusal.reason] += 1

    def sweep(self, connections: Collection[Connection]) -> None:
        """Let a second pass for each connection."""
        for connection in list(connections):
            connection.tick()
        for client in [each for each in self._clients.values() if each.is_gone]:
            del self._clients[client.address]

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the refusals for Prometheus."""
        refused = CounterMetricFamily(
            "shipledger_refusals", "Requests and connections refused before they reached an endpoint", labels=["reason"]
        )
        for reason, number in self._refused.items():
            refused.add_metric([reason], number)
        yield refused


def evicted(client: Client) -> bool:
    """Close the oldest connection of a client that has no complete request; return whether there was one."""
    for connection in client.connections:
        if connection.is_waiting:
            # Off the count at once: it may take a moment to end.
            del client.connections[connection]
            connection.evict()
            return True
    return False
