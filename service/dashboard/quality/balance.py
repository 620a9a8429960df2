"""The ledger line: what was received, where it is now, and the difference; exact to the token and the cent. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from service.dashboard.components.fates import FATE_NAMES, FATES
from service.dashboard.numbers.units import CENT, exact_text, exact_usd_text
from service.dashboard.quality.facts import QualityFacts


class BalanceRow(NamedTuple):
    """A part of the ledger. `kind` is the class of its colour, empty for sums."""

    kind: str
    name: str
    tokens: str
    dollars: str


class Balance(NamedTuple):
    """The parts, their sum, what was received, and the difference, with what it means."""

    rows: list[BalanceRow]
    total: BalanceRow
    received: str
    difference: str
    line: str


def build_balance(facts: QualityFacts) -> Balance:
    """Build the ledger line of a period."""
    amounts = [facts.spent[fate].nano_usd for fate in FATES]
    dollars = exact_dollars(amounts)
    rows = [
        BalanceRow(
            fate.replace("_", "-"), FATE_NAMES[fate][0], exact_text(facts.spent[fate].tokens.total), dollars[place]
        )
        for place, fate in enumerate(FATES)
    ]
    total = BalanceRow("", "In the ledger", exact_text(facts.tokens), exact_usd_text(sum(amounts)))
    received = exact_text(facts.received)
    if facts.difference is None:
        rest = exact_text(facts.received - facts.tokens)
        return Balance(rows, total, received, "", f"{rest} tokens are not settled yet; the difference is known then.")
    line = "Every token that was received is in exactly one part."
    if facts.difference:
        line = "Tokens are missing or counted twice. This is a defect: please report it with the output of the command."
    return Balance(rows, total, received, exact_text(facts.difference), line)


def exact_dollars(amounts: Sequence[int]) -> list[str]:
    """Return nano-USD to the cent, by largest remainder, so that the cents add up to those of the sum."""
    cents = [amount // CENT for amount in amounts]
    whole = (sum(amounts) + CENT // 2) // CENT
    by_remainder = sorted(range(len(amounts)), key=lambda place: (-(amounts[place] % CENT), place))
    for place in by_remainder[: max(0, whole - sum(cents))]:
        cents[place] += 1
    return [exact_usd_text(each * CENT) for each in cents]
