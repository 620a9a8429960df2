"""Nested groups at a fake GitLab, and their members, including inherited ones."""

import re
from dataclasses import dataclass, field
from typing import Any

from litestar import Response

GUEST = 10
DEVELOPER = 30


@dataclass
class Member:
    """A user; merge requests name their author by `number`."""

    number: int
    username: str = "CANARY-username"
    access: int = DEVELOPER
    state: str = "active"
    is_awaiting: bool = False


@dataclass
class Group:
    number: int
    path: str
    members: list[Member] = field(default_factory=list)


@dataclass
class Groups:
    """The groups of the token's owner."""

    listed: list[Group] = field(default_factory=list)
    may_read: bool = True

    def answer(self, method: str, rest: str, query: Any, page: Any) -> Response[Any] | None:
        if method != "GET" or not (rest == "/groups" or re.fullmatch(r"/groups/\d+/members/all", rest)):
            return None
        if rest == "/groups" and "all_available" not in query:
            # A request for hooks: groups of existing projects.
            return None
        if not self.may_read:
            return Response({"message": "403 Forbidden CANARY"}, status_code=403)
        if rest == "/groups":
            assert (query["all_available"], query["min_access_level"]) == ("False", str(GUEST)), dict(query)
            return page([self._shown(each) for each in sorted(self.listed, key=lambda each: each.number)], query)
        group = next((each for each in self.listed if str(each.number) == rest.split("/")[2]), None)
        if group is None:
            return Response({"message": "404 Group Not Found CANARY"}, status_code=404)
        answer = page([_member(each) for each in self._all(group)], query)
        answer.headers["etag"] = f'W/"{hash(repr(answer.content))}"'
        return answer

    def _all(self, group: Group) -> list[Member]:
        around = [each for each in self.listed if f"{group.path}/".startswith(f"{each.path}/")]
        found = {member.number: member for each in around for member in each.members}
        return [found[number] for number in sorted(found)]

    def _shown(self, group: Group) -> dict[str, Any]:
        outer = next((each for each in self.listed if each.path == group.path.rpartition("/")[0]), None)
        parent = outer.number if outer else None
        return {"id": group.number, "full_path": group.path, "name": "CANARY-name", "parent_id": parent}


def _member(reported: Member) -> dict[str, Any]:
    return {
        "id": reported.number,
        "username": reported.username,
        "name": "CANARY-name",
        "email": "CANARY@example.org",
        "state": reported.state,
        "membership_state": "awaiting" if reported.is_awaiting else "active",
        "access_level": reported.access,
    }
