"""Find the charges for tokens: their provider, model, kind and number.

Every provider names its meters differently. AWS bills `USE1-Claude4.5Sonnet-cache-read-input-token-count` by 1,000,
Azure `gpt 4o 1120 cached Inp glbl Tokens` by 1K or 1M, Google `Gemini 2.5 Flash Text Input - Predictions` by count;
gateways write `Input Tokens` and a SKU with the model. The rules match words, in order; a meter that fits no rule is
money without tokens.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from service.imports.focus.price_details import PriceDetails, price_details
from service.imports.focus.rows import Row
from service.imports.focus.values import quantity
from vocabulary.charges import ChargeKind
from vocabulary.model_keys import find_model
from vocabulary.model_names import provider_name
from vocabulary.service_tiers import service_tier

# Columns that describe the meter, most specific first.
METERS = ("SkuMeter", "x_UsageType", "x_SkuMeterName", "x_SkuDescription", "SkuId", "ChargeDescription")
SELLERS = (
    *("ServiceName", "ServiceProviderName", "ProviderName", "PublisherName", "HostProviderName", "InvoiceIssuerName"),
)

# Services that sell only models; the first match wins. AWS Marketplace names both Claude and Bedrock for one service.
SERVICES = (
    (re.compile(r"github.?copilot"), "github-copilot"),
    (re.compile(r"bedrock"), "aws"),
    (re.compile(r"azure openai|foundry models"), "azure"),
    (re.compile(r"generative language|gemini api"), "google"),
    (re.compile(r"openai"), "openai"),
    (re.compile(r"anthropic|claude"), "anthropic"),
    (re.compile(r"mistral"), "mistral"),
    (re.compile(r"cohere"), "cohere"),
    (re.compile(r"\bx\.?ai\b|grok"), "x-ai"),
    (re.compile(r"deepseek"), "deepseek"),
)
# Services that sell other things too; only their token charges count.
WIDE_SERVICES = (
    (re.compile(r"vertex"), "google"),
    (re.compile(r"cognitive services|azure ai|foundry"), "azure"),
)

# What GitHub, and clouds that bill for it, call charges of Copilot.
_COPILOT = re.compile(r"copilot|ai[ _-]?credit|premium[ _-]?request")
# Who runs a service that neither is named for models; only charges that name a model and tokens count then.
CLOUDS = (
    (re.compile(r"microsoft|azure"), "azure"),
    (re.compile(r"amazon|\baws\b"), "aws"),
    (re.compile(r"google|\bgcp\b"), "google"),
)
_NO_LABEL = re.compile(r"[^a-z0-9._-]+")
_WORD = re.compile(r"[a-z]+|[0-9]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
CACHE = {"cache", "cached", "caching", "cchd", "cd"}
WRITE = {"write", "writes", "creation", "wr"}
OUTPUT = {
    "output",
    "outp",
    "outpt",
    "opt",
    "completion",
    "completions",
    "response",
    "generated",
    "reasoning",
    "thinking",
}
INPUT = {"input", "inp", "inpt", "prompt"}
SHORT_OUTPUT, SHORT_INPUT = {"out"}, {"in"}
# Words of meters that name a service tier, and how they name cache writes that live an hour.
TIERS = {"batch", "batches", "flex", "priority"}
AN_HOUR = re.compile(r"(?<![0-9])(?:1|one)[ _-]?h(?:r|our)?(?![a-z])")
PIECES = (
    (re.compile(r"web[ _-]?search"), ChargeKind.WEB_SEARCH),
    (re.compile(r"code[ _-]?(?:execution|interpreter)"), ChargeKind.CODE_EXECUTION),
)
CACHE_KINDS = {"read": ChargeKind.CACHE_READ, "write": ChargeKind.CACHE_WRITE}
NO_TOKENS = {
    *("storage", "training", "hosting", "character", "characters", "image", "images", "video", "second", "seconds"),
    *("search", "grounding", "hour", "hours", "provisioned", "session", "sessions", "request", "requests", "seat"),
}

_SCALES = (
    (re.compile(r"\b(?:1,?000,?000|1 ?m|m|million|1m)\b"), 1_000_000),
    (re.compile(r"\b(?:1,?000|1 ?k|k|thousand|1k)\b"), 1_000),
)
_TOKEN_UNIT = re.compile(r"tokens?\b")
# Units of a single token, and units that only the meter explains, such as AWS Marketplace's `Million Input Tokens`.
SINGLE = {"count", "counts", "each", "1"}
UNNAMED = {"unit", "units", "quantity"}


class TokenSku(NamedTuple):
    """What a charge is for; `kind` is OTHER and `tokens` 0 if it is neither for tokens nor by piece.

    `is_known` is False for a token meter with an unknown unit, whose tokens are not counted. `lives_an_hour` is true of
    cache writes that live an hour, `pieces` counts web searches and code executions.
    """

    provider: str
    model: str
    kind: ChargeKind
    tokens: Decimal
    is_known: bool = True
    service_tier: str = ""
    lives_an_hour: bool = False
    pieces: Decimal = Decimal(0)


def token_sku(row: Row) -> TokenSku | None:
    """Return what a row charges for, None if it has nothing to do with models; raises SetUpError for a bad quantity."""
    sellers = " ".join(row.text(column) for column in SELLERS).lower()
    found = _provider(row.text("ServiceName").lower(), sellers) or _copilot(row, sellers) or _other_seller(row)
    if found is None:
        return None
    provider, is_wide = found
    details = _details(row)
    kind = _detailed(_first_kind(row, provider), details)
    model = next((model for column in (*METERS, "ServiceName") if (model := find_model(row.text(column)))), "")
    model = model or details.model
    if kind is None:
        return None if is_wide else _without_tokens(row, provider, model)
    counted = _tokens(row)
    if counted is None:
        return TokenSku(provider, model, ChargeKind.OTHER, Decimal(0), is_known=False)
    lives_an_hour = kind is ChargeKind.CACHE_WRITE and (
        details.lives_an_hour or any(AN_HOUR.search(row.text(column).lower()) for column in METERS)
    )
    return TokenSku(provider, model, kind, counted, True, _tier(row, details), lives_an_hour)


def _tier(row: Row, details: PriceDetails) -> str:
    """Return the service tier that the meter or the price's details name."""
    words = {word for column in METERS for word in _WORD.findall(_CAMEL.sub(" ", row.text(column)).lower())}
    return service_tier(*sorted(words & TIERS), details.service_tier)


def _without_tokens(row: Row, provider: str, model: str) -> TokenSku:
    """Return a charge by piece, or one for something else."""
    meters = " ".join(row.text(column) for column in METERS).lower()
    kind = next((kind for pattern, kind in PIECES if pattern.search(meters)), ChargeKind.OTHER)
    pieces = _pieces(row) if kind is not ChargeKind.OTHER else Decimal(0)
    return TokenSku(provider, model, kind, Decimal(0), pieces=pieces)


def _pieces(row: Row) -> Decimal:
    """Return the number of pieces consumed, else priced; units may be thousands of them."""
    for amount, unit in (("ConsumedQuantity", "ConsumedUnit"), ("PricingQuantity", "PricingUnit")):
        if (number := quantity(row, amount)) is not None:
            text = row.text(unit).lower()
            return number * next((scale for pattern, scale in _SCALES if pattern.search(text)), 1)
    return Decimal(0)


@lru_cache(maxsize=4096)
def _provider(service: str, sellers: str) -> tuple[str, bool] | None:
    """Return the provider and whether it sells other things too; the service's name decides before the sellers'."""
    for text in (service, sellers):
        for services, is_wide in ((SERVICES, False), (WIDE_SERVICES, True)):
            for pattern, provider in services:
                if pattern.search(text):
                    return provider, is_wide
    return None


def _details(row: Row) -> PriceDetails:
    """Return what the price's details say; before FOCUS 1.1 they had a column of the provider's."""
    return price_details(row.text("SkuPriceDetails") or row.text("x_SkuDetails"))


def _copilot(row: Row, sellers: str) -> tuple[str, bool] | None:
    """Return Copilot for GitHub's charges for it; GitHub also sells other things."""
    if "github" in sellers and any(_COPILOT.search(row.text(column).lower()) for column in METERS):
        return "github-copilot", False
    return None


def _other_seller(row: Row) -> tuple[str, bool] | None:
    """Return the seller of a charge for tokens of a known model, whoever that is."""
    meters = [row.text(column) for column in (*METERS, "ServiceName")]
    texts = (*meters, row.text("ConsumedUnit"), row.text("PricingUnit"))
    if not any("token" in text.lower() for text in texts):
        return None
    if not (any(map(find_model, meters)) or _details(row).model):
        return None
    seller = next((text for column in (*SELLERS[1:], "ServiceName") if (text := row.text(column).lower())), "")
    cloud = next((provider for pattern, provider in CLOUDS if pattern.search(seller)), None)
    provider = cloud or provider_name(_NO_LABEL.sub("-", seller).strip("-"))
    return (provider, True) if provider else None


def _detailed(kind: ChargeKind | None, details: PriceDetails) -> ChargeKind | None:
    """Return the kind of a meter together with what the price's details say: the cache may be told only there."""
    if kind is None and details.direction:
        kind = ChargeKind.OUTPUT if details.direction == "output" else ChargeKind.INPUT_UNCACHED
    if kind in {None, ChargeKind.INPUT_UNCACHED} and details.cache in CACHE_KINDS:
        return CACHE_KINDS[details.cache]
    return kind


def _first_kind(row: Row, provider: str) -> ChargeKind | None:
    for column in METERS:
        if kind := _kind(row.text(column), provider):
            return kind
    return None


@lru_cache(maxsize=4096)
def _kind(meter: str, provider: str) -> ChargeKind | None:
    """Return the kind of tokens that a meter counts, None if it counts something else or has no known words."""
    words = set(_WORD.findall(_CAMEL.sub(" ", meter).lower()))
    if words & CACHE and words & WRITE:
        # How long the cache keeps what is written.
        words -= {"hour", "hours"}
    if words & NO_TOKENS and not words & {"token", "tokens"}:
        return None
    if "storage" in words or "training" in words:
        return None
    if words & CACHE:
        return ChargeKind.CACHE_WRITE if words & WRITE else ChargeKind.CACHE_READ
    # In Azure's meters "in" and "out" are abbreviations, elsewhere they may be ordinary words.
    short = provider == "azure"
    if words & OUTPUT or (short and words & SHORT_OUTPUT):
        return ChargeKind.OUTPUT
    if words & INPUT or (short and words & SHORT_INPUT):
        return ChargeKind.INPUT_UNCACHED
    return None


def _tokens(row: Row) -> Decimal | None:
    """Return tokens consumed, else tokens priced; 0 without a quantity, as in corrections; None for an unknown unit."""
    has_quantity = False
    for amount, unit in (("ConsumedQuantity", "ConsumedUnit"), ("PricingQuantity", "PricingUnit")):
        number = quantity(row, amount)
        if number is None:
            continue
        has_quantity = True
        if (scale := unit_tokens(row.text(unit)) or _scale_in_meter(row, row.text(unit))) is not None:
            return number * scale
    return None if has_quantity else Decimal(0)


def _scale_in_meter(row: Row, unit: str) -> int | None:
    """Return the number of tokens in a unit without a name, as the meter describes it."""
    if unit.strip().lower() not in UNNAMED:
        return None
    meters = (row.text(column).lower() for column in METERS)
    scales = (
        scale for text in meters if _TOKEN_UNIT.search(text) for pattern, scale in _SCALES if pattern.search(text)
    )
    return next(scales, None)


@lru_cache(maxsize=4096)
def unit_tokens(unit: str) -> int | None:
    """Return the number of tokens in a unit (`Tokens` 1, `1K Tokens` 1,000); None if it counts something else."""
    text = unit.strip().lower()
    words = set(_WORD.findall(text))
    if words & NO_TOKENS:
        return None
    for pattern, scale in _SCALES:
        if pattern.search(text):
            return scale
    return 1 if _TOKEN_UNIT.search(text) or text in SINGLE else None
