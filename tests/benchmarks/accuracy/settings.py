"""What an engine can see of a team: links on a share of the sessions, and whether repositories are known."""

from dataclasses import dataclass

from service.simulation.truth import TokenEvent


@dataclass(frozen=True, slots=True)
class Setting:
    """Sessions with a link rank below `links` are linked; `repository`: events name their repository."""

    name: str
    links: float = 0.0
    repository: bool = False

    @property
    def text(self) -> str:
        """Return a readable name."""
        links = f"links on {self.links:.0%}" if self.links else ""
        return " + ".join(filter(None, ("repository" if self.repository else "", links))) or "team and hour"

    def is_linked(self, event: TokenEvent) -> bool:
        """Return whether the event's true pull request is visible."""
        return event.link_rank < self.links


LINKED_SHARES = (0.0, 0.3, 0.6, 0.9)


def _named(links: float, repository: bool) -> Setting:
    parts = ["repository"] * repository + [f"links_{links:.0%}".rstrip("%")] * (links > 0)
    return Setting("_".join(parts) or "cohort", links, repository)


ALL_SETTINGS = tuple(_named(links, repository) for repository in (False, True) for links in LINKED_SHARES)
# The six settings in which the reference set is scored, in the order in which they are printed.
REFERENCE_SETTINGS = tuple(
    setting
    for name in ("cohort", "repository", "links_30", "links_60", "links_90", "repository_links_60")
    for setting in ALL_SETTINGS
    if setting.name == name
)
