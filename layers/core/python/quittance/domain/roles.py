"""What the roles of a partner's users may do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from quittance.domain.errors import Forbidden


class Permission(Enum):
    """A kind of call; every route needs exactly one."""

    READ = "read"
    ACCOUNTS = "accounts"
    POLICIES = "policies"
    MONEY = "money"
    TICKETS = "tickets"
    PARTNER = "partner"
    AGREEMENTS = "agreements"
    COLLECTIONS = "collections"
    TASKS = "tasks"


# The vendor's own role names of a partner's users. A sales agent looks, and changes nothing. Whoever talks to customers
# records what they say (AGREEMENTS: a promise, a dispute); weighing it is the billing's (COLLECTIONS: pauses, holds,
# closing a dispute). TASKS is seeing to what was left to a person; what is about money takes MONEY as well.
ROLES: Mapping[str, frozenset[Permission]] = {
    "admin_agent": frozenset(Permission),
    "billing_admin": frozenset(
        {
            Permission.READ,
            Permission.ACCOUNTS,
            Permission.POLICIES,
            Permission.MONEY,
            Permission.AGREEMENTS,
            Permission.COLLECTIONS,
            Permission.TASKS,
        }
    ),
    "helpdesk_agent": frozenset({Permission.READ, Permission.TICKETS, Permission.AGREEMENTS, Permission.TASKS}),
    "sales_agent": frozenset({Permission.READ}),
}


def require(role: str, permission: Permission) -> None:
    """Let a role pass that has the permission; Forbidden names the roles that would do."""
    if permission in ROLES.get(role, frozenset()):
        return
    able = ", ".join(name for name, permissions in ROLES.items() if permission in permissions)
    raise Forbidden(f"role {role!r} may not do this; it takes one of {able}")
