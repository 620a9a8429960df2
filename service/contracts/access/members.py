"""Members, as keyed hashes of what an identity provider calls them, and the rules that give them roles."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from schema.contracts.values import Title
from service.contracts.access.roles import RoleName
from service.contracts.amounts import NextCursor

OneTeam = Annotated[Title, Meta(description="Team that the role is limited to; null for all teams")]


class ProviderName(StrEnum):
    """An identity provider."""

    OIDC = "oidc"
    GITHUB = "github"
    GITLAB = "gitlab"


class RuleKind(StrEnum):
    """What a rule looks at: a group at the provider, or the domain of a verified mail address."""

    GROUP = "group"
    DOMAIN = "domain"


class SignInRuleIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may sign in, and with which role."""

    provider: ProviderName
    kind: RuleKind
    value: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=200,
            pattern=r"^[^\s@][^@\x00-\x1F\x7F]*$",
            description="Name of the group (of a team at GitHub: organization/team), or domain such as example.com",
        ),
    ]
    role: RoleName
    team: OneTeam | None = None


class SignInRuleShown(SignInRuleIn, frozen=True, kw_only=True):
    """A rule."""

    id: int
    created_at: datetime


class SignInRuleList(Struct, frozen=True, kw_only=True):
    """Rules. Who fits several gets the highest role."""

    items: list[SignInRuleShown]
    next_cursor: NextCursor


class MemberIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The role of a member."""

    role: Annotated[RoleName | None, Meta(description="Role, whatever the rules say; null for that of the rules")]
    team: OneTeam | None = None


class MemberShown(Struct, frozen=True, kw_only=True):
    """A person who signed in, never by name."""

    id: Annotated[str, Meta(description="Keyed hash, as the audit log names the member")]
    provider: ProviderName
    role: RoleName
    team: Annotated[str | None, Meta(description="Team that the role is limited to; null for all teams")]
    is_fixed: Annotated[bool, Meta(description="True if an administrator set the role, false if the rules did")]
    created_at: datetime
    signed_in_at: datetime
    removed_at: Annotated[datetime | None, Meta(description="Null while the member may sign in")]


class MemberList(Struct, frozen=True, kw_only=True):
    """Members, including removed ones."""

    items: list[MemberShown]
    next_cursor: NextCursor
