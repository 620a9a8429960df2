"""Teams whose telemetry fell silent, as alerts."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np

from workers.alert_rules.alert import ORGANIZATION, WHOLE_ORGANIZATION, Alert, Kind
from workers.alert_rules.words import day_text, link
from workers.statistics.arrays import Real
from workers.statistics.drift import days_silent
from workers.statistics.leading_causes import Candidate
from workers.statistics.spend_watch import EVERYTHING


def find_silence(received: Mapping[int, Real], until: date, teams: Mapping[int, str]) -> Iterator[Alert]:
    """Yield an alert for each team that is usually heard and is not, or one if nothing at all is heard.

    `received` are the tokens of each team and day, of all teams the same days, the last of which is `until`.
    """
    if not received:
        return
    whole = days_silent(np.sum(list(received.values()), axis=0))
    if whole is not None:
        yield _alert(EVERYTHING, WHOLE_ORGANIZATION, whole, until)
        return
    for team_id, tokens in sorted(received.items()):
        silent = days_silent(tokens)
        if silent is not None:
            yield _alert(Candidate("team", teams[team_id]), team_id, silent, until)


def _alert(subject: Candidate, team_id: int, silent: int, until: date) -> Alert:
    heard = until - timedelta(days=silent)
    is_whole = subject == EVERYTHING
    whom = "any team" if is_whole else f"team {subject.value}"
    return Alert(
        kind=Kind.SILENCE,
        subject=ORGANIZATION if is_whole else f"team {subject.value}",
        team_id=team_id,
        began_on=heard + timedelta(days=1),
        found_on=until,
        usual_nano_usd=0,
        spent_nano_usd=0,
        sentence=f"No telemetry of {whom} since {day_text(heard)}. Check its agents with `shipledger doctor`.",
        link=link(subject, heard - timedelta(days=6), until),
    )
