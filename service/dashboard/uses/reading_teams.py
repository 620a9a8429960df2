"""Reading what the dearest teams spend on which models or workflows, without those that are too small to compare."""

from collections import defaultdict
from typing import Final

from service.dashboard.shell.opening import Opened
from service.dashboard.uses.facts import NO_TEAMS, TeamUse, TeamUses, Used
from service.queries.spend.buckets import Bucket
from service.queries.spend.reading import Question, read_by_head, read_dearest
from service.queries.spend.withheld import read_compared, withhold

MOST_TEAMS: Final = 12
MANY: Final = 1_000_000


async def read_teams(opened: Opened, dimension: Used) -> TeamUses:
    """Read the parts of the dearest teams; nothing where the page is about one team."""
    if opened.team_id is not None:
        return NO_TEAMS
    return await opened.recall(f"teams by {dimension}", lambda: _read(opened, dimension))


async def _read(opened: Opened, dimension: Used) -> TeamUses:
    tenant, span, price = opened.tenant, opened.view.period.span, opened.view.price
    question = Question([Bucket(span)], ("team", dimension), price)
    compared = await read_compared(tenant, question, span, opened.thresholds)
    dearest = await read_dearest(tenant, Question([Bucket(span)], ("team",), price), None, MANY)
    shown = [cell.groups[0] for cell in dearest if cell.now.nano_usd > 0 and cell.groups[0] not in compared.reasons]
    named = {head.name: head for head in compared.heads}
    heads = [named[name] for name in shown[:MOST_TEAMS]]
    cells = await read_by_head(tenant, question, heads, None, MANY) if heads else []
    # The total of a team would give its only withheld part away, so that the team is left out as a whole.
    joining = {groups[0] for _, groups in await withhold(tenant, question, compared, cells)}
    parts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for cell in cells:
        if cell.now.nano_usd > 0:
            parts[cell.groups[0]][cell.groups[1]] = cell.now.nano_usd
    teams = [TeamUse(head.name, parts[head.name]) for head in heads if head.name not in joining]
    return TeamUses(teams, len(shown) > MOST_TEAMS, bool(compared.reasons or joining))
