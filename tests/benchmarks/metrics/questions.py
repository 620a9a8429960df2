"""Questions about spend, drawn with a seed: a kind of question is always the same but for its period and team.

A kind may name the address that it asks, before a colon; otherwise that is `/api/v1/spend`.
"""

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta

Query = dict[str, str]
DAY = timedelta(days=1)


def draw(kind: str, seed: int, first: date, last: date, teams: int) -> Query:
    """Return the parameters of a question about a ledger with these days and teams."""
    chance = random.Random(f"{kind} {seed}")
    days = (last - first).days + 1
    begins = first + chance.randrange(max(1, days // 2)) * DAY
    ends = min(last, begins + chance.randrange(1, max(2, days // 2)) * DAY)
    anything = {"from": f"{begins}", "to": f"{ends}"}
    year = {"from": f"{first}", "to": f"{last}"}
    month = last.replace(day=1) - DAY
    months = {"from": f"{month.replace(day=1)}", "to": f"{month}"} if month >= first else year
    monday = last - timedelta(days=last.weekday() + 84)
    weeks = {"from": f"{max(first, monday)}", "to": f"{last}"}
    team = {"team": f"team {chance.randrange(1, teams + 1)}"}
    kinds: Mapping[str, Callable[[], Query]] = {
        "a month by team": lambda: {**months, "group_by": "team"},
        "twelve weeks by week and model": lambda: {**weeks, "bucket": "week", "group_by": "model"},
        "a year by month, model and fate": lambda: {**year, "bucket": "month", "group_by": "model,fate"},
        "a year, dearest teams": lambda: {**year, "group_by": "team", "sort": "cost"},
        "any period, dearest features": lambda: {**anything, "group_by": "feature", "sort": "cost"},
        "any period by team and model": lambda: {**anything, "group_by": "team,model"},
        "any period by repository and workflow": lambda: {**anything, "group_by": "repository,workflow"},
        "any period by feature and prompt version": lambda: {**anything, "group_by": "feature,prompt_version"},
        "any period by day and provider": lambda: {**anything, "bucket": "day", "group_by": "provider"},
        "any period by week and team": lambda: {**anything, "bucket": "week", "group_by": "team"},
        "any period beside the one before": lambda: {**anything, "compare": "previous", "group_by": "model"},
        "a year beside the one before": lambda: {**year, "compare": "year", "bucket": "month"},
        "a team's year by month, model and fate": lambda: {
            **year, **team, "bucket": "month", "group_by": "model,fate",
        },
        "a team's weeks by repository": lambda: {**weeks, **team, "bucket": "week", "group_by": "repository"},
        "any period of a team by workflow and feature": lambda: {**anything, **team, "group_by": "workflow,feature"},
        "any period, dearest features and models": lambda: {**anything, "group_by": "model,feature", "sort": "cost"},
        "any period, dearest features and prompts": lambda: {
            **anything, "group_by": "feature,prompt_version", "sort": "cost",
        },
        "metrics/conversion: any period by team": lambda: {**anything, "group_by": "team"},
        "metrics/percentiles: any period": lambda: anything,
        "metrics/percentiles: any period of a team": lambda: {**anything, **team},
        "attributions: dearest": lambda: {"sort": "cost"},
        "attributions: dearest that are open": lambda: {"sort": "cost", "state": "open"},
        "attributions: dearest merged in any period": lambda: {
            "sort": "cost", "merged_from": f"{begins}", "merged_to": f"{ends}",
        },
        "attributions: dearest of a team": lambda: {**team, "sort": "cost"},
        "releases: dearest": lambda: {"sort": "cost"},
        "spend/change: a month": lambda: {**months, "compare": "previous"},
        "spend/change: any period": lambda: {**anything, "compare": "previous"},
        "spend/change: any period of a team": lambda: {**anything, **team, "compare": "previous"},
        "ownership: any period by team": lambda: {**anything, "group_by": "team"},
        "ledger: all time": dict,
        "ledger: any period": lambda: anything,
        "ledger: any period of a team": lambda: {**anything, **team},
        "ledger: all time by team": lambda: {"group_by": "team"},
        "ledger: any period by team": lambda: {**anything, "group_by": "team"},
        "ledger: weeks by team": lambda: {**weeks, "bucket": "week", "group_by": "team"},
        "overview: all time": dict,
        "overview: any period": lambda: anything,
        "overview: any period of a team": lambda: {**anything, **team},
        "iterations: any period": lambda: anything,
        "iterations: any period of a team": lambda: {**anything, **team},
        "metrics/tokens-per-pr: twelve weeks by model": lambda: {**weeks, "bucket": "week", "group_by": "model"},
        "metrics/tokens-per-pr: any period by feature": lambda: {**anything, "bucket": "total", "group_by": "feature"},
        "metrics/tokens-per-pr: any period of a team by workflow": lambda: {
            **anything, **team, "bucket": "month", "group_by": "workflow",
        },
    }  # fmt: skip
    return kinds[kind]()


KINDS = (
    "a month by team",
    "twelve weeks by week and model",
    "a year by month, model and fate",
    "a year, dearest teams",
    "any period, dearest features",
    "any period by team and model",
    "any period by repository and workflow",
    "any period by feature and prompt version",
    "any period by day and provider",
    "any period by week and team",
    "any period beside the one before",
    "a year beside the one before",
    "a team's year by month, model and fate",
    "a team's weeks by repository",
    "any period of a team by workflow and feature",
    "any period, dearest features and models",
    "any period, dearest features and prompts",
    "metrics/conversion: any period by team",
    "metrics/percentiles: any period",
    "metrics/percentiles: any period of a team",
    "attributions: dearest",
    "attributions: dearest that are open",
    "attributions: dearest merged in any period",
    "attributions: dearest of a team",
    "releases: dearest",
    "spend/change: a month",
    "spend/change: any period",
    "spend/change: any period of a team",
    "ownership: any period by team",
    "ledger: all time",
    "ledger: any period",
    "ledger: any period of a team",
    "ledger: all time by team",
    "ledger: any period by team",
    "ledger: weeks by team",
    "overview: all time",
    "overview: any period",
    "overview: any period of a team",
    "iterations: any period",
    "iterations: any period of a team",
    "metrics/tokens-per-pr: twelve weeks by model",
    "metrics/tokens-per-pr: any period by feature",
    "metrics/tokens-per-pr: any period of a team by workflow",
)


def address(kind: str) -> str:
    """Return the address that a kind of question asks, below `/api/v1/`."""
    return kind.partition(":")[0] if ":" in kind else "spend"
