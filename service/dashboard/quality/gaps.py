"""What is not in the figures, or in doubt: how much, why, and what to do. Pure."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from service.dashboard.numbers.units import count_text, exact_text
from service.dashboard.quality.facts import QualityFacts
from service.queries.tokens.dropped_sentences import is_repetition, remedy_of, why_dropped
from service.queries.tokens.recent_requests import SAMPLE

MOST_NAMED: Final = 3
# The largest of each kind are named.
MOST_ROWS: Final = 6


class Gap(NamedTuple):
    """Something that is not counted, or may be counted wrongly. `link` leads to a page, or is empty."""

    what: str
    amount: str
    why: str
    remedy: str
    command: str = ""
    link: str = ""


def find_gaps(facts: QualityFacts) -> list[Gap]:
    """Return what is not in the figures, what bears most on them first."""
    return [
        *_double_counting(facts),
        *_dropped(facts),
        *_unpriced(facts),
        *_repositories(facts),
        *_dead(facts),
        *_superseded(facts),
        *_limits(facts),
    ]


def lost_records(facts: QualityFacts) -> int:
    """Return the number of records that hold tokens and are not counted by any signal."""
    counted = {each.source for each in facts.requests}
    return sum(each.records for each in facts.dropped if not is_repetition(each, counted | set(facts.known)))


def _double_counting(facts: QualityFacts) -> Iterator[Gap]:
    for each in facts.double_counting:
        yield Gap(
            f"{each.source} and {', '.join(each.others)}",
            "two weeks",
            f"{each.detail[:1].upper()}{each.detail[1:]}.",
            "If they are the same tokens, count only one source.",
            f"shipledger layers set --supersede {each.source}",
        )


def _dropped(facts: QualityFacts) -> Iterator[Gap]:
    counted = {each.source for each in facts.requests} | set(facts.known)
    for each in facts.dropped[:MOST_ROWS]:
        if is_repetition(each, counted):
            remedy = "Nothing to do: another signal of the same source is counted."
        else:
            remedy = f"{_sentence(remedy_of(each))}."
        amount = f"{count_text(each.tokens)} tokens" if each.tokens else f"{exact_text(each.records)} records"
        yield Gap(f"Dropped: {each.source or 'unknown source'}", amount, f"{_sentence(why_dropped(each))}.", remedy)


def _unpriced(facts: QualityFacts) -> Iterator[Gap]:
    for model, tokens in [*facts.unpriced.items()][:MOST_NAMED]:
        yield Gap(
            f"No price: {model or 'unknown model'}",
            f"{count_text(tokens)} tokens",
            "The tokens count, and cost $0.",
            "Set what this model costs.",
            f"shipledger prices set {model or 'MODEL'} output USD",
        )


def _repositories(facts: QualityFacts) -> Iterator[Gap]:
    named = facts.repositories
    if named.unknown:
        number = f"{named.unknown} of {named.named} repositories"
        yield Gap(
            "Unknown repositories",
            f"{count_text(named.tokens)} tokens",
            f"The last {exact_text(SAMPLE)} requests name {number} without any pull request, so these tokens cannot "
            "be linked by repository.",
            "Import a clone of each, or connect its forge. An ssh alias in a clone's remote makes it another.",
            "shipledger import git PATH",
        )


def _dead(facts: QualityFacts) -> Iterator[Gap]:
    number = sum(facts.dead.values())
    if number:
        kinds = ", ".join(f"{count} {kind.replace('-', ' ')}" for kind, count in facts.dead.items())
        yield Gap(
            "Dead letters",
            exact_text(number),
            f"Workers gave up on these rows: {kinds}. Each says why.",
            "Mend the cause, then replay them.",
            "shipledger dead-letters list",
        )


def _superseded(facts: QualityFacts) -> Iterator[Gap]:
    for each in sorted(facts.superseded, key=lambda row: -row.tokens)[:MOST_ROWS]:
        because = f"{each.counted_source} reports the same requests" if each.counted_source else "you chose so"
        yield Gap(
            f"Superseded: {each.source}",
            f"{count_text(each.tokens)} tokens",
            f"Each token counts once, and {because}.",
            "Nothing to do. To count the other source, change the order.",
            "shipledger layers show",
        )


def _limits(facts: QualityFacts) -> Iterator[Gap]:
    for each in facts.limits:
        yield Gap("Missed webhooks", "", f"{_sentence(each.says)}.", f"{_sentence(each.remedy)}.", link="/repairs")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".rstrip(".")
