"""Which role a person gets: the highest of the rules that fit. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.auth.roles import Role


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider says of a person while they sign in; only a keyed hash of `issuer` and `subject` is stored.

    `domains` are those of verified mail addresses, in lower case.
    """

    provider: str
    issuer: str
    subject: str
    groups: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of an organization: the people of a group or domain get a role, in one team if it is limited to one."""

    organization_id: int
    provider: str
    kind: str
    value: str
    role: Role
    team_id: int | None = None

    def fits(self, identity: Identity) -> bool:
        """Return whether a person gets the rule's role. Case is ignored, as forges and domains do."""
        known = identity.groups if self.kind == "group" else identity.domains
        value = self.value.casefold()
        return self.provider == identity.provider and any(each.casefold() == value for each in known)


def granted(identity: Identity, rules: Iterable[Rule]) -> dict[int, Rule]:
    """Return the best rule per organization: the highest role, and of equal ones that for all teams."""
    best: dict[int, Rule] = {}
    for rule in rules:
        known = best.get(rule.organization_id)
        if rule.fits(identity) and (known is None or _is_better(rule, known)):
            best[rule.organization_id] = rule
    return best


def _is_better(rule: Rule, known: Rule) -> bool:
    if rule.role is known.role:
        return rule.team_id is None and known.team_id is not None
    return rule.role.includes(known.role)
