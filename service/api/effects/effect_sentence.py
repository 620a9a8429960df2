"""The answer to "does it ship more?" in one sentence."""

from collections.abc import Sequence

from service.contracts.effects.study import (
    AdoptionEffects,
    EffectsFound,
    OutcomeEffect,
    TrialEffects,
    VersionEffect,
)

NOT_STUDIED = "We cannot tell yet. The first study is made when the first weeks are summed, within a minute or two."
# As workers study: fewer teams on a side tell nothing.
LEAST_TEAMS = 5
MOST_PAIRS = 5
NO_WEEKS = "We cannot tell yet. Tokens must be known for at least five weeks."


def effect_sentence(found: EffectsFound) -> str:
    """Return the answer on merged pull requests, what of it stays, and that of the newest roll-out by chance."""
    return _adoption(found) + "".join(_trial(each) for each in found.randomised[:1])


def _adoption(found: EffectsFound) -> str:
    outcomes = {each.outcome: each for each in found.adoption.outcomes}
    merged, kept = outcomes["merged"], outcomes["unreverted"]
    if min(found.adoption.adopters, found.adoption.comparisons) < LEAST_TEAMS:
        return f"We cannot tell yet whether agents ship more: {_too_few(found.adoption)}."
    if merged.answer == "cannot_tell":
        return f"We cannot tell yet whether agents ship more: {_reason(merged)}."
    if merged.answer == "no_difference":
        return f"We cannot tell yet whether agents ship more. {_smallest(merged)}"
    return f"Teams ship {merged.answer} after they adopt agents: {_words(merged)} merged pull requests.{_kept(kept)}"


def versions_sentence(known: Sequence[VersionEffect]) -> str:
    """Return that no comparison matches, and which there are."""
    pairs = dict.fromkeys(f"{each.new} with {each.old}" for each in known)
    if not pairs:
        return "No versions can be compared yet: at least 5 teams, or 5 weeks of a team, must have used two of them."
    shown = ", ".join(list(pairs)[:MOST_PAIRS])
    return (
        f"These versions cannot be compared. Compared were {shown}{' and others' if len(pairs) > MOST_PAIRS else ''}."
    )


def _trial(trial: TrialEffects) -> str:
    merged = next(each for each in trial.outcomes if each.outcome == "merged")
    return f" Chance gave {trial.name} to {trial.given} teams and held back {trial.held_back}: {merged.verdict}."


def _too_few(adoption: AdoptionEffects) -> str:
    teams = "1 team" if adoption.adopters == 1 else f"{adoption.adopters} teams"
    return (
        f"{teams} adopted them after 8 weeks with known tokens, and {adoption.comparisons} can be compared with them;"
        f" {LEAST_TEAMS} of each are needed"
    )


def _reason(outcome: OutcomeEffect) -> str:
    return outcome.verdict.removeprefix("cannot tell: ")


def _smallest(outcome: OutcomeEffect) -> str:
    smallest = outcome.effect.smallest_visible if outcome.effect else None
    return f"Only a change of {smallest:.0%} would have shown.".replace("%", " %") if smallest else ""


def _words(outcome: OutcomeEffect) -> str:
    return outcome.verdict.partition(": ")[2]


def _kept(outcome: OutcomeEffect) -> str:
    if outcome.answer in {"more", "less"}:
        return f" Released and not reverted: {_words(outcome)}."
    return f" Released and not reverted: {outcome.verdict}."
