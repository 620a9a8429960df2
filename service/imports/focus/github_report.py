"""GitHub's billing reports as bills: AI usage (AI credits and premium requests by model) and metered usage by SKU.

https://docs.github.com/billing/reference/billing-reports. `net_amount` is what GitHub bills, `gross_amount` the amount
before included credits, both in USD; months are UTC. Newer AI usage reports also have tokens by kind: the row's money
is split over them in proportion to the model's list prices. Users, repositories and cost centers are never read.
Only Copilot and other AI credits are model charges; what else GitHub bills is another service.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from service.imports.focus.rows import Place, Row
from vocabulary.model_keys import find_model

ISSUER: Final = "GitHub"
COPILOT: Final = "GitHub Copilot"
# By plain name: the meter that a column of tokens stands for.
TOKENS: Final = {
    "input": "Input Tokens",
    "inputtokens": "Input Tokens",
    "cacheread": "Cache Read Tokens",
    "cachereadtokens": "Cache Read Tokens",
    "cachewrite": "Cache Write Tokens",
    "cachewritetokens": "Cache Write Tokens",
    "output": "Output Tokens",
    "outputtokens": "Output Tokens",
}
AMOUNTS: Final = ("grossamount", "netamount")
REPORT_NUMBERS: Final = (*AMOUNTS, *TOKENS)
REPORT_COLUMNS: Final = frozenset({"date", "product", "sku", "model", "organization", *REPORT_NUMBERS})
REQUIRED: Final = frozenset({"date", "product", "sku", "netamount"})

# Names as GitHub writes them, for errors.
_WRITTEN: Final = {"grossamount": "gross_amount", "netamount": "net_amount"}
_AI: Final = re.compile(r"copilot|ai[ _-]?credit|premium[ _-]?request|spark")
_SMALLEST: Final = Decimal("1e-12")
# Prices of a kind relative to input, where a model has no list price.
_USUAL: Final = {
    "Input Tokens": Decimal(1),
    "Cache Read Tokens": Decimal("0.1"),
    "Cache Write Tokens": Decimal("1.25"),
    "Output Tokens": Decimal(5),
}
_THOUSAND: Final = 1_000


def is_report(header: Iterable[str]) -> bool:
    """Return whether columns with these plain names are a billing report of GitHub."""
    return set(header) >= REQUIRED


def report_rows(rows: Iterable[tuple[Place, Mapping[str, str]]]) -> Iterator[Row]:
    """Convert rows of a report to charges; raises SetUpError that names the first invalid value."""
    for place, values in rows:
        charge = _charge(place, values)
        tokens = {meter: amount for name, meter in TOKENS.items() if (amount := _number(place, values, name))}
        if charge["ServiceName"] != COPILOT or not tokens:
            yield Row(place, charge)
            continue
        shares = _shares(_model(values), tokens)
        gross, net = (_split(Decimal(charge[name] or 0), shares) for name in ("ListCost", "BilledCost"))
        for meter, amount in tokens.items():
            costs = {"ListCost": str(gross[meter]), "ContractedCost": str(gross[meter]), "BilledCost": str(net[meter])}
            meters = {"SkuMeter": meter, "ConsumedQuantity": str(amount), "ConsumedUnit": "Tokens"}
            yield Row(place, {**charge, **costs, **meters})


def _charge(place: Place, values: Mapping[str, str]) -> dict[str, str]:
    day = _day(place, values["date"])
    sku, product = values["sku"], values["product"]
    gross = _number(place, values, "grossamount")
    net = _number(place, values, "netamount")
    if net is None:
        raise place.error("net_amount", "is empty; GitHub's reports have an amount in USD in each row")
    after = date.fromordinal(day.toordinal() + 1)
    month_end = day.replace(day=monthrange(day.year, day.month)[1])
    return {
        "BilledCost": str(net),
        "ListCost": "" if gross is None else str(gross),
        "ContractedCost": "" if gross is None else str(gross),
        "BillingAccountId": values.get("organization") or ISSUER,
        "BillingCurrency": "USD",
        "BillingPeriodStart": day.replace(day=1).isoformat(),
        "BillingPeriodEnd": date.fromordinal(month_end.toordinal() + 1).isoformat(),
        "ChargeCategory": "Usage",
        "ChargePeriodStart": day.isoformat(),
        "ChargePeriodEnd": after.isoformat(),
        "InvoiceIssuerName": ISSUER,
        "ServiceName": COPILOT if _AI.search(f"{product} {sku}".lower()) else product or sku,
        "SkuId": _model(values),
    }


def _model(values: Mapping[str, str]) -> str:
    """Return the model without the mark of automatic selection, as in `Auto: GPT-5.4`."""
    name = values.get("model", "")
    return name.partition(":")[2].strip() if name.lower().startswith("auto:") else name


def _day(place: Place, text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise place.error("date", "must be a day, such as 2026-11-01") from None


def _number(place: Place, values: Mapping[str, str], name: str) -> Decimal | None:
    text = values.get(name, "")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise place.error(_WRITTEN.get(name, name), "must be a decimal number, such as 1234.56")
    return number


def _shares(model: str, tokens: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return the weight of each kind: its tokens at the model's list price."""
    prices = _prices(find_model(model)) or _USUAL
    return {meter: max(amount, Decimal(0)) * prices[meter] for meter, amount in tokens.items()}


@lru_cache(256)
def _prices(model: str) -> dict[str, Decimal] | None:
    """Return list prices by kind, relative to each other; None for a model without them."""
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - a price list that only reports with tokens need

    usages = {
        "Input Tokens": Usage(input_tokens=_THOUSAND),
        "Cache Read Tokens": Usage(input_tokens=_THOUSAND, cache_read_tokens=_THOUSAND),
        "Cache Write Tokens": Usage(input_tokens=_THOUSAND, cache_write_tokens=_THOUSAND),
        "Output Tokens": Usage(output_tokens=_THOUSAND),
    }
    try:
        prices = {meter: calc_price(usage, model).total_price for meter, usage in usages.items()}
    except (LookupError, ValueError):
        return None
    return prices if any(prices.values()) else None


def _split(amount: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Split an amount by weights; the parts sum to it exactly."""
    whole = sum(weights.values())
    parts = {
        name: (amount * weight / whole).quantize(_SMALLEST) if whole else Decimal(0) for name, weight in weights.items()
    }
    largest = max(weights, key=lambda name: weights[name])
    parts[largest] += amount - sum(parts.values())
    return parts
