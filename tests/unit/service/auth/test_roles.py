"""Each role includes the ones before it."""

from service.auth.roles import Role


def test_each_role_includes_itself_and_those_before_it() -> None:
    roles = [Role.VIEWER, Role.AUDITOR, Role.ADMIN, Role.OWNER]
    for position, role in enumerate(roles):
        assert [role.includes(other) for other in roles] == [other <= position for other in range(4)]
