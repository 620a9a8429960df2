"""Sum rows of FOCUS files into bills: by account and billing period, then by days, model, kind and category.

Sums are exact. Resources and tags are left out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import NamedTuple

from schema.errors import SetUpError
from service.contracts.billing import BillIn, ChargeIn, check_days
from service.imports.focus.categories import ChargeCategory
from service.imports.focus.own_export import own_charges
from service.imports.focus.rows import Row
from service.imports.focus.token_skus import TokenSku, token_sku
from service.imports.focus.values import MOMENT, cost, currency, instant, required_cost
from vocabulary.charges import BILLED_KINDS
from vocabulary.tokens import nano_usd, usd_text

# More digits than any sum of a bill needs.
PRECISION = 60
USD = "USD"
NOTHING = (Decimal(0), Decimal(0))
ISSUERS = ("InvoiceIssuerName", "ProviderName", "ServiceProviderName", "ServiceName")


class BillKey(NamedTuple):
    """The account and billing period of a bill."""

    issuer: str
    account: str
    period_start: date
    period_end: date


class ChargeKey(NamedTuple):
    """What the charges in one sum have in common."""

    first_day: date
    last_day: date
    provider: str
    model: str
    kind: str
    service_tier: str
    lives_an_hour: bool
    category: str
    correction: bool
    currency: str


@dataclass(slots=True)
class Sums:
    """Exact tokens, pieces and costs; costs in the order list, contracted, effective, billed."""

    tokens: Decimal = Decimal(0)
    pieces: Decimal = Decimal(0)
    costs: list[Decimal] = field(default_factory=lambda: [Decimal(0)] * 4)

    def add(self, sku: TokenSku, costs: Iterable[Decimal]) -> None:
        """Add a row."""
        self.tokens += sku.tokens
        self.pieces += sku.pieces
        self.costs = [known + more for known, more in zip(self.costs, costs, strict=True)]


class Bills:
    """Bills as they are summed; `counts` counts rows by what was done with them."""

    def __init__(self, rates: Mapping[str, Decimal]) -> None:
        self.counts: Counter[str] = Counter()
        self.billed: dict[str, Decimal] = {}
        self._rates = dict(rates)
        self._bills: dict[BillKey, dict[ChargeKey, Sums]] = {}
        # By bill and currency: the same costs in the bill's currency and in USD, as given in the file.
        self._converted: dict[tuple[BillKey, str], tuple[Decimal, Decimal]] = {}

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows; raises SetUpError that names the first invalid row."""
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
        """Return the currencies without a known exchange rate to USD."""
        used = {(bill, charge.currency) for bill, charges in self._bills.items() for charge in charges}
        return sorted({code for bill, code in used if self._rate(bill, code) is None})

    def _add(self, row: Row) -> None:
        self.counts["rows"] += 1
        bill_key = _bill_key(row)
        charges = self._bills.setdefault(bill_key, {})
        billed, code = required_cost(row, "BilledCost"), currency(row, "BillingCurrency")
        if own := own_charges(row):
            self._add_own(row, charges, own, code, billed)
            return
        if (sku := token_sku(row)) is None:
            self.counts["other_services"] += 1
            return
        effective = _or_default(cost(row, "EffectiveCost"), billed)
        contracted = _or_default(cost(row, "ContractedCost"), effective)
        costs = (_or_default(cost(row, "ListCost"), contracted), contracted, effective, billed)
        charges.setdefault(_charge_key(row, sku, code), Sums()).add(sku, costs)
        self._record_conversion(bill_key, code, row, effective, billed)
        self.counts["token_rows" if sku.kind in BILLED_KINDS else "rows_without_tokens"] += 1
        self.counts["unknown_units"] += not sku.is_known
        self.billed[code] = self.billed.get(code, Decimal(0)) + billed

    def _add_own(
        self,
        row: Row,
        charges: dict[ChargeKey, Sums],
        own: Iterable[tuple[TokenSku, Decimal]],
        code: str,
        billed: Decimal,
    ) -> None:
        """Add the charges of a row of our own export, which names every cost."""
        costs = [required_cost(row, column) for column in ("ListCost", "ContractedCost", "EffectiveCost", "BilledCost")]
        for sku, share in own:
            charges.setdefault(_charge_key(row, sku, code), Sums()).add(sku, (cost * share for cost in costs))
        self.counts["own_rows"] += 1
        self.counts["token_rows"] += 1
        self.billed[code] = self.billed.get(code, Decimal(0)) + billed

    def _record_conversion(self, bill_key: BillKey, code: str, row: Row, effective: Decimal, billed: Decimal) -> None:
        """Record a row's cost in USD: Azure adds such a column, and FOCUS 1.2 the cost in the currency of the price."""
        if code == USD:
            return
        in_usd = cost(row, "x_BilledCostInUsd")
        if in_usd is not None:
            billing, usd = billed, in_usd
        elif row.text("PricingCurrency").upper() == USD:
            priced = cost(row, "PricingCurrencyEffectiveCost")
            billing, usd = (effective, priced) if priced is not None else NOTHING
        else:
            return
        billing_before, usd_before = self._converted.get((bill_key, code), NOTHING)
        self._converted[bill_key, code] = billing_before + abs(billing), usd_before + abs(usd)

    def _rate(self, bill_key: BillKey, code: str) -> Decimal | None:
        if code == USD:
            return Decimal(1)
        if code in self._rates:
            return self._rates[code]
        billing, usd = self._converted.get((bill_key, code), NOTHING)
        return round(usd / billing, 12).normalize() if billing and usd else None

    def _charge(self, bill_key: BillKey, key: ChargeKey, sums: Sums) -> ChargeIn:
        listed, contracted, effective, billed = sums.costs
        try:
            return ChargeIn(
                **key._asdict(),
                exchange_rate=self._rate(bill_key, key.currency),
                tokens=int(sums.tokens.to_integral_value()),
                pieces=int(sums.pieces.to_integral_value()),
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
        """Return the billed cost of the charges that count, by currency."""
        return {code: usd_text(nano_usd(amount)) for code, amount in sorted(self.billed.items())}


def _bill_key(row: Row) -> BillKey:
    issuer = next((text for column in ISSUERS if (text := row.text(column))), "-")
    account = row.text("BillingAccountId")
    if not account:
        raise row.place.error("BillingAccountId", "is empty; FOCUS requires the billed account")
    start, end = instant(row, "BillingPeriodStart"), instant(row, "BillingPeriodEnd")
    if end <= start:
        raise row.place.error("BillingPeriodEnd", "must be later than BillingPeriodStart")
    _check_days(row, "BillingPeriodStart", start.date(), end.date())
    return BillKey(issuer[:200], account[:200], start.date(), end.date())


def _charge_key(row: Row, sku: TokenSku, code: str) -> ChargeKey:
    start, end = instant(row, "ChargePeriodStart"), instant(row, "ChargePeriodEnd")
    if end < start:
        raise row.place.error("ChargePeriodEnd", "must not be earlier than ChargePeriodStart")
    category = row.text("ChargeCategory").lower()
    if category not in set(ChargeCategory):
        raise row.place.error("ChargeCategory", "must be Usage, Purchase, Tax, Credit or Adjustment")
    last = max(start, end - MOMENT)
    _check_days(row, "ChargePeriodStart", start.date(), last.date())
    correction = row.text("ChargeClass").lower() == "correction"
    priced = (sku.provider, sku.model, sku.kind.value, sku.service_tier, sku.lives_an_hour)
    return ChargeKey(start.date(), last.date(), *priced, category, correction, code)


def _check_days(row: Row, column: str, first: date, last: date) -> None:
    try:
        check_days(first, last)
    except ValueError as error:
        raise row.place.error(column, f"{error} (with the column of its end)") from error


def _or_default(amount: Decimal | None, default: Decimal) -> Decimal:
    return default if amount is None else amount
