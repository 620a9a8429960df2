from typing import Any

from service.cli.answers.effect import as_lines


def rollout(*outcomes: tuple[str, str], small: int = 0) -> dict[str, Any]:
    return {
        "adopters": 8,
        "comparisons": 6,
        "left_out": {"small": small, "too_early": 1, "without_comparison": 0},
        "outcomes": [{"outcome": outcome, "verdict": verdict} for outcome, verdict in outcomes],
    }


def shown(found: dict[str, Any] | None) -> dict[str, Any]:
    return {"sentence": "Teams ship more.", "first_week": "2026-01-05", "last_week": "2026-10-26", "found": found}


def test_the_answer_comes_first_then_each_outcome() -> None:
    adoption = rollout(("merged", "ships more: +14 % (+3 to +26 %)"), ("unreverted", "cannot tell"), small=2)
    doubled = {"change": 0.05, "low": -0.01, "high": None}
    lines = as_lines(
        shown(
            {
                "adoption": adoption,
                "models": [{"model": "claude", **rollout(("merged", "no difference seen"))}],
                "associations": [
                    {"outcome": "merged", "doubled_use": doubled},
                    {"outcome": "released", "doubled_use": None},
                ],
                "randomised": [
                    {
                        "name": "reviewer",
                        "weeks": 6,
                        "given": 8,
                        "held_back": 7,
                        "left_out": {"small": 1, "too_early": 0},
                        "outcomes": [{"outcome": "merged", "verdict": "ships more: +14 % (+3 to +26 %)"}],
                    }
                ],
                "versions": [{"sentence": "review/7 used 18 % fewer input tokens."}],
            }
        )
    )

    assert lines == [
        "Teams ship more.",
        "Weeks from 2026-01-05 to 2026-10-26.",
        "",
        "Teams: 8 adopted agents, 6 to compare with, 3 left out",
        "  merged        ships more: +14 % (+3 to +26 %)",
        "  not reverted  cannot tell",
        "",
        "Teams: 8 switched to claude, 6 to compare with, 1 left out",
        "  merged        no difference seen",
        "",
        "By chance: 8 teams were given reviewer, 7 held back; 6 weeks, 1 left out",
        "  merged        ships more: +14 % (+3 to +26 %)",
        "",
        "Goes with doubled use (an association, not an effect):",
        "  merged        +5 % (\N{MINUS SIGN}1 % to ?)",
        "",
        "Versions:",
        "  review/7 used 18 % fewer input tokens.",
    ]


def test_without_a_study_only_the_sentence_is_shown() -> None:
    assert as_lines(shown(None)) == ["Teams ship more."]
