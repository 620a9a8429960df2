"""The verdict that opens the page, and why. Pure."""

from service.api.effects.effect_sentence import LEAST_TEAMS
from service.contracts.effects.study import AdoptionEffects, EffectShown, EffectsShown, OutcomeEffect
from service.dashboard.components.effects import interval_of_effect
from service.dashboard.components.figures import Answer
from service.dashboard.numbers.units import percent_text

CANNOT_TELL = "We cannot tell yet"


def build_answer(shown: EffectsShown) -> Answer:
    """Return the verdict on merged pull requests first, then the smallest effect that would have shown."""
    if shown.found is None:
        return Answer(CANNOT_TELL, [(_rest(shown.sentence), False)])
    adoption = shown.found.adoption
    merged = outcome_of(adoption, "merged")
    if min(adoption.adopters, adoption.comparisons) < LEAST_TEAMS:
        return Answer(f"{CANNOT_TELL} whether agents ship more", [(_too_few(adoption), False), *_chance(shown)])
    if merged.answer in {"more", "less"} and merged.effect is not None:
        return Answer(_found(merged.effect), [*_kept(adoption, merged.effect), *_chance(shown)])
    if merged.answer == "no_difference" and merged.effect is not None:
        return Answer(_nothing_seen(merged.effect), [*_visible(adoption, merged.effect), *_chance(shown)])
    reason = merged.verdict.removeprefix("cannot tell: ")
    return Answer(
        f"{CANNOT_TELL} whether agents ship more", [(f"{reason[:1].upper()}{reason[1:]}.", False), *_chance(shown)]
    )


def outcome_of(adoption: AdoptionEffects, name: str) -> OutcomeEffect:
    """Return what was found of one outcome."""
    return next(each for each in adoption.outcomes if each.outcome == name)


def _found(effect: EffectShown) -> str:
    verb = "more" if (effect.change or 0) > 0 else "less"
    return f"Teams merge {percent_text(abs(effect.change or 0))} {verb} after they start with agents"


def _nothing_seen(effect: EffectShown) -> str:
    change = effect.change or 0
    if not round(100 * change):
        return f"{CANNOT_TELL}. Teams merged as much after they started with agents as before"
    verb = "more" if change > 0 else "less"
    size = percent_text(abs(change))
    return f"{CANNOT_TELL}. Teams merged {size} {verb} after they started; chance alone could have done that"


def _visible(adoption: AdoptionEffects, effect: EffectShown) -> list[tuple[str, bool]]:
    said = [(f"The 95 % interval goes from {interval_of_effect(effect)}. ", False)]
    if effect.smallest_visible is None:
        return said
    least = percent_text(effect.smallest_visible)
    strong = f"With {adoption.adopters} teams only a change of {least} or more would have shown"
    return [*said, (strong, True), (", so this does not prove that agents have no effect either.", False)]


def _kept(adoption: AdoptionEffects, merged: EffectShown) -> list[tuple[str, bool]]:
    kept = outcome_of(adoption, "unreverted")
    if kept.answer in {"more", "less"} and kept.effect is not None and kept.effect.change is not None:
        verb = "more" if kept.effect.change > 0 else "less"
        stays = f"Released and not reverted: {percent_text(abs(kept.effect.change))} {verb}."
    else:
        stays = f"Released and not reverted: {kept.verdict}."
    return [(f"The 95 % interval goes from {interval_of_effect(merged)}. ", False), (stays, True)]


def _too_few(adoption: AdoptionEffects) -> str:
    teams = "1 team" if adoption.adopters == 1 else f"{adoption.adopters} teams"
    return (
        f"{teams} started with agents after 8 weeks with known tokens, and {adoption.comparisons} can be compared with "
        f"them. {LEAST_TEAMS} of each are needed."
    )


def _chance(shown: EffectsShown) -> list[tuple[str, bool]]:
    """Return the newest roll-out whose teams chance decided, which says most."""
    trials = shown.found.randomised if shown.found else []
    if not trials:
        return []
    newest = trials[0]
    merged = next(each for each in newest.outcomes if each.outcome == "merged")
    verdict = merged.verdict[:1].lower() + merged.verdict[1:]
    return [(f" Chance gave {newest.name} to {newest.given} teams and held back {newest.held_back}: {verdict}.", False)]


def _rest(sentence: str) -> str:
    return sentence.removeprefix(f"{CANNOT_TELL}. ")
