"""Parameters of how teams work, which a simulation draws from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """Parameters of a team. Shares are between 0 and 1; medians and spreads (of the logarithm) are log-normal.

    Of the pull requests, `by_hand_share` use no agent, `background_share` are an agent's own work at any hour, and
    `long_lived_share` last for weeks. `strays_a_commit` is the number of sessions without a commit per commit.
    `explorations_a_session` is the number of sessions without a pull request per session with one, and
    `spread_of_explorations` how much it differs between teams. `nightly_job_share` of the teams have a nightly job.
    `spread_of_pull_requests` and `spread_of_sessions` are how much tokens vary between and within pull requests.
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


# For the demo: few pull requests per developer, and figures that differ visibly.
QUIET = Habits()

# Similar to the reference set of the accuracy benchmark in: about 2.4 started pull requests per developer and week,
# three quarters of them merged; 4 to 5 commits each, half of them within hours of the previous one; about three
# sessions per developer and day, most within one hour, with half of their tokens in the hour of a commit; the logarithm
# of a session's tokens varies by 1.7, half of it between pull requests; the largest tenth of the pull requests have
# 60 % of the tokens; a tenth of the merged ones have no tokens; changed lines correlate with commits but hardly with
# tokens; a sixth of all tokens are exploration; nights, weekends and time zones.
# Not in the reference set: background agents, nightly jobs, reused branches, teams that change over time.
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
