"""A key acts in the highest role of its scopes, and nobody grants above their own."""

import pytest

from service.auth.grants import ROLES_OF_SCOPES, require_grant, role_of
from service.auth.key_text import Scope
from service.auth.roles import Role
from service.errors import ForbiddenError


def test_a_key_acts_in_the_highest_role_of_its_scopes() -> None:
    assert role_of([]) is None
    assert role_of(["intake"]) is None
    assert role_of(["read", "admin", "intake"]) is Role.ADMIN
    assert role_of([scope.value for scope in Scope]) is Role.OWNER
    assert set(ROLES_OF_SCOPES.values()) == set(Role)


@pytest.mark.parametrize("held", [None, *Role])
@pytest.mark.parametrize("role", [None, *Role])
def test_nobody_grants_a_role_above_their_own(held: Role | None, role: Role | None) -> None:
    if role is None or (held is not None and held.includes(role)):
        require_grant(held, role)
        return
    with pytest.raises(ForbiddenError, match=f"the role {role}"):
        require_grant(held, role)
