"""How teams work: the figures that a simulation draws from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares are of 1, medians and spreads those of log-normal draws (spread: standard deviation of the logarithm).

    `by_hand_share` of the pull requests use no agent at all, `background_share` are an agent's own work at any hour,
    `long_lived_share` last for weeks. `strays_a_commit` are sessions without a commit, for each commit that is made.
    `explorations_a_session`, for each session on a pull request, belong to none, more in some teams than in others by
    `spread_of_explorations`; nor do the sessions of `nightly_job_share` of the teams, one a night. Tokens of a session
    vary by pull request and within it.
    """

    merged_share: float = 0.88
    by_hand_share: float = 0.1
    assisted_commit_share: float = 0.85
    background_share: float = 0.0
    long_lived_share: float = 0.07
    branch_reuse_share: float = 0.0
    commits_median: float = 2.6
    commits_spread: float = 0.6
    strays_a_commit: float = 0.0
    explorations_a_session: float = 0.4
    spread_of_explorations: float = 0.0
    nightly_job_share: float = 0.0
    requests_a_commit: float = 10.0
    spread_of_pull_requests: float = 0.4
    spread_of_sessions: float = 0.7


# A company small enough to be looked at: few pull requests a developer, and figures that can be told apart.
QUIET = Habits()

# A company as the reference set of the accuracy benchmark has them. Matched, roughly and by kind, are: about 2.4 begun
# pull requests a developer and week, three quarters of them merged by the end; 4 to 5 commits each, half of them within
# hours of the one before; about three sessions a developer and day, most of them within one hour, half of their tokens
# in the hour of a commit; tokens of a session with a logarithm that varies by 1.7, half of it by pull request, and the
# largest tenth of the pull requests with six tenths of the tokens; a tenth of the merged ones without tokens; changed
# lines that go with commits and hardly with tokens; a sixth of all tokens exploration; nights, weekends and zones.
# Drawn freely, and not as there: background agents, nightly jobs, branches used again, teams that change over time.
BUSY = Habits(
    merged_share=0.8,
    by_hand_share=0.09,
    assisted_commit_share=0.75,
    background_share=0.06,
    long_lived_share=0.08,
    branch_reuse_share=0.15,
    commits_median=3.0,
    commits_spread=0.85,
    strays_a_commit=0.55,
    explorations_a_session=0.4,
    spread_of_explorations=0.25,
    nightly_job_share=0.4,
    requests_a_commit=3.0,
    spread_of_pull_requests=1.1,
    spread_of_sessions=0.95,
)
