"""Rows of FOCUS files added up to bills: by account and billing period, then by days, model, kind and category.

Adding up is exact, and leaves accounts, resources and tags behind.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import NamedTuple

from schema.charges import ChargeCategory
from schema.contracts.billing import BillIn, ChargeIn, check_days
from schema.errors import SetUpError
from schema.tokens import nano_usd, usd_text
from service.imports.focus.rows import Row
from service.imports.focus.token_skus import TokenSku, token_sku
from service.imports.focus.values import MOMENT, cost, currency, instant, required_cost

# Digits that no sum of a bill outgrows.
PRECISION = 60
USD = "USD"
NOTHING = (Decimal(0), Decimal(0))


class BillKey(NamedTuple):
    """Which account's billing period."""

    issuer: str
    account: str
    period_start: date
    period_end: date


class ChargeKey(NamedTuple):
    """What charges that are added up have in common."""

    first_day: date
    last_day: date
    provider: str
    model: str
    kind: str
    category: str
    correction: bool
    currency: str


@dataclass(slots=True)
class Sums:
    """Tokens and costs, exact; costs in the order list, contracted, effective, billed."""

    tokens: Decimal = Decimal(0)
    costs: list[Decimal] = field(default_factory=lambda: [Decimal(0)] * 4)

    def add(self, tokens: Decimal, costs: Iterable[Decimal]) -> None:
        """Add a row."""
        self.tokens += tokens
        self.costs = [known + more for known, more in zip(self.costs, costs, strict=True)]


class Bills:
    """Bills under way; `counts` tells what became of the rows."""

    def __init__(self, rates: Mapping[str, Decimal]) -> None:
        self.counts: Counter[str] = Counter()
        self.billed: dict[str, Decimal] = {}
        self._rates = dict(rates)
        self._bills: dict[BillKey, dict[ChargeKey, Sums]] = {}
        # Per bill and currency: the same costs in the currency of the bill and in USD, as the file itself tells them.
        self._converted: dict[tuple[BillKey, str], tuple[Decimal, Decimal]] = {}

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows up; raises SetUpError naming the first that cannot be used."""
        with localcontext() as context:
            context.prec = PRECISION
            for row in rows:
                self._add(row)

    def __len__(self) -> int:
        return len(self._bills)

    def __iter__(self) -> Iterator[BillIn]:
        for key in sorted(self._bills):
            charges = [self._charge(key, *each) for each in sorted(self._bills[key].items())]
            yield BillIn(
                issuer=key.issuer,
                account=key.account,
                period_start=key.period_start,
                period_end=key.period_end,
                charges=charges,
            )

    def unconverted(self) -> list[str]:
        """Currencies of which nothing tells what they are worth in USD."""
        held = {(bill, charge.currency) for bill, charges in self._bills.items() for charge in charges}
        return sorted({code for bill, code in held if self._rate(bill, code) is None})

    def _add(self, row: Row) -> None:
        self.counts["rows"] += 1
        bill_key = _bill_key(row)
        charges = self._bills.setdefault(bill_key, {})
        billed, code = required_cost(row, "BilledCost"), currency(row, "BillingCurrency")
        if (sku := token_sku(row)) is None:
            self.counts["other_services"] += 1
            return
        effective = _else(cost(row, "EffectiveCost"), billed)
        contracted = _else(cost(row, "ContractedCost"), effective)
        costs = (_else(cost(row, "ListCost"), contracted), contracted, effective, billed)
        charges.setdefault(_charge_key(row, sku, code), Sums()).add(sku.tokens, costs)
        self._note_conversion(bill_key, code, row, effective, billed)
        self.counts["token_rows" if sku.kind != "other" else "rows_without_tokens"] += 1
        self.counts["unknown_units"] += not sku.is_known
        self.billed[code] = self.billed.get(code, Decimal(0)) + billed

    def _note_conversion(self, bill_key: BillKey, code: str, row: Row, effective: Decimal, billed: Decimal) -> None:
        """Keep what a row tells of the rate: Azure adds costs in USD, FOCUS 1.2 those in the currency of the price."""
        if code == USD:
            return
        in_usd = cost(row, "x_BilledCostInUsd")
        if in_usd is not None:
            ours, usd = billed, in_usd
        elif row.text("PricingCurrency").upper() == USD:
            priced = cost(row, "PricingCurrencyEffectiveCost")
            ours, usd = (effective, priced) if priced is not None else NOTHING
        else:
            return
        ours_before, usd_before = self._converted.get((bill_key, code), NOTHING)
        self._converted[bill_key, code] = ours_before + abs(ours), usd_before + abs(usd)

    def _rate(self, bill_key: BillKey, code: str) -> Decimal | None:
        if code == USD:
            return Decimal(1)
        if code in self._rates:
            return self._rates[code]
        ours, usd = self._converted.get((bill_key, code), NOTHING)
        return round(usd / ours, 12).normalize() if ours and usd else None

    def _charge(self, bill_key: BillKey, key: ChargeKey, sums: Sums) -> ChargeIn:
        listed, contracted, effective, billed = sums.costs
        try:
            return ChargeIn(
                **key._asdict(),
                exchange_rate=self._rate(bill_key, key.currency),
                tokens=int(sums.tokens.to_integral_value()),
                list_cost=listed,
                contracted_cost=contracted,
                effective_cost=effective,
                billed_cost=billed,
            )
        except ValueError as error:
            raise SetUpError(
                f"the sum of the charges of {key.first_day} for {key.kind} of {key.model or key.provider}: "
                f"{error}; nothing was sent"
            ) from error

    def billed_text(self) -> dict[str, str]:
        """What the charges that count ask for, by currency."""
        return {code: usd_text(nano_usd(amount)) for code, amount in sorted(self.billed.items())}


def _bill_key(row: Row) -> BillKey:
    issuer = next(
        (text for column in ("InvoiceIssuerName", "ProviderName", "ServiceName") if (text := row.text(column))), "-"
    )
    account = row.text("BillingAccountId")
    if not account:
        raise row.place.error("BillingAccountId", "is empty; FOCUS asks for the account that is billed")
    start, end = instant(row, "BillingPeriodStart"), instant(row, "BillingPeriodEnd")
    if end <= start:
        raise row.place.error("BillingPeriodEnd", "is not later than BillingPeriodStart")
    _check_days(row, "BillingPeriodStart", start.date(), end.date())
    return BillKey(issuer[:200], account[:200], start.date(), end.date())


def _charge_key(row: Row, sku: TokenSku, code: str) -> ChargeKey:
    start, end = instant(row, "ChargePeriodStart"), instant(row, "ChargePeriodEnd")
    if end < start:
        raise row.place.error("ChargePeriodEnd", "is earlier than ChargePeriodStart")
    category = row.text("ChargeCategory").lower()
    if category not in set(ChargeCategory):
        raise row.place.error("ChargeCategory", "is none; FOCUS asks for Usage, Purchase, Tax, Credit or Adjustment")
    last = max(start, end - MOMENT)
    _check_days(row, "ChargePeriodStart", start.date(), last.date())
    correction = row.text("ChargeClass").lower() == "correction"
    return ChargeKey(start.date(), last.date(), sku.provider, sku.model, sku.kind.value, category, correction, code)


def _check_days(row: Row, column: str, first: date, last: date) -> None:
    try:
        check_days(first, last)
    except ValueError as error:
        raise row.place.error(column, f"{error} (with the column of its end)") from error


def _else(amount: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if amount is None else amount
