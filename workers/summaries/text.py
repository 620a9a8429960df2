"""Writes a summary in Markdown, for a GitHub check run or a GitLab note."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from vocabulary.intervals import COVERAGE
from vocabulary.reliability import remedy_text
from vocabulary.tokens import NANO_USD, TokenCounts
from workers.summaries.figures import FEWEST_PULL_REQUESTS, SMALLEST_TEAM, Figures, Median, SizeBucket

KINDS = {
    "input_uncached": "Input, uncached",
    "cache_read": "Cache read",
    "cache_write": "Cache written",
    "output_visible": "Output, visible",
    "output_reasoning": "Output, reasoning",
}
EVIDENCE = ("artifact", "commit", "branch", "repository", "cohort")
CENT = Decimal("0.01")
WITHHELD = "Figures are withheld"

NO_TOKENS = "No tokens have been received for this pull request yet."
UNKNOWN_SIZE = "The size of the team is not set, and figures of very small teams are not shown."
SMALL_TEAM = f"The team has fewer than {SMALLEST_TEAM} people, so its figures could reveal those of one person."
WEAK = "The rest was split between several pull requests, so a figure for a single one would not be reliable."


@dataclass(frozen=True, slots=True)
class SummaryText:
    """A title in plain text, and a body in Markdown."""

    title: str
    body: str


def write(figures: Figures) -> SummaryText:
    """Return the summary; for a small team or weak evidence, one sentence with the reason and no figures."""
    if not figures.tokens.total:
        return SummaryText("No tokens so far", NO_TOKENS)
    if (reason := withheld(figures)) is not None:
        return SummaryText(WITHHELD, f"{WITHHELD}. {reason}")
    title = f"{short(figures.tokens.total)} tokens, {dollars(figures.cost_nano_usd)}"
    return SummaryText(title, "\n\n".join(_paragraphs(figures)))


def withheld(figures: Figures) -> str | None:
    """Return why figures are withheld, or None."""
    if figures.people is None:
        return UNKNOWN_SIZE
    if figures.people < SMALLEST_TEAM:
        return SMALL_TEAM
    return None if figures.is_reliable else f"{_reason(figures)} {WEAK} {remedy_text(figures.doubts)}"


def _reason(figures: Figures) -> str:
    share = figures.direct / figures.tokens.total
    return f"{share:.0%} of the tokens are linked to this pull request by number, commit or branch."


def _paragraphs(figures: Figures) -> Iterator[str]:
    yield _table(figures.tokens)
    yield f"**{dollars(figures.cost_nano_usd)}** at list prices."
    if (interval := figures.interval) is not None:
        between = f"between {short(interval.low)} and {short(interval.high)} tokens"
        yield f"The true total is {between} with {COVERAGE:.0%} probability."
    yield f"Evidence: {_evidence(figures)}."
    if figures.median is not None and figures.median.pull_requests >= FEWEST_PULL_REQUESTS:
        yield _median(figures.median)


def _table(tokens: TokenCounts) -> str:
    rows = [f"| {label} | {getattr(tokens, kind):,} |" for kind, label in KINDS.items() if getattr(tokens, kind)]
    return "\n".join(["| Tokens | |", "| :--- | ---: |", *rows, f"| **Total** | **{tokens.total:,}** |"])


def _evidence(figures: Figures) -> str:
    total = figures.tokens.total
    shares = {name: figures.by_evidence.get(name, 0) / total for name in EVIDENCE}
    return ", ".join(f"{share:.0%} {name}" for name, share in shares.items() if share)


def _median(median: Median) -> str:
    return (
        f"The team's median for pull requests of {lines(median.size)} changed lines is {short(median.tokens)} tokens, "
        f"{dollars(median.cost_nano_usd)} ({median.pull_requests} merged in the last {median.days} days)."
    )


def lines(size: SizeBucket) -> str:
    """Return a bucket in words."""
    return f"{size.low:,} or more" if size.high is None else f"{size.low:,} to {size.high:,}"


def short(tokens: int) -> str:
    """Return a number of tokens with about three digits."""
    for unit, name in ((10**9, " billion"), (10**6, " million"), (10**3, " thousand")):
        if tokens >= unit:
            return f"{tokens / unit:.3g}{name}" if tokens < 1000 * unit - unit / 2 else f"{tokens / unit:,.0f}{name}"
    return f"{tokens}"


def dollars(nano_usd: int) -> str:
    """Return money to the cent, rounded half to even."""
    amount = (Decimal(nano_usd) / NANO_USD).quantize(CENT, ROUND_HALF_EVEN)
    return f"${amount:,}" if amount or not nano_usd else "under $0.01"
