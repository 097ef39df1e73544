"""Who the customers are to the system."""

from enum import StrEnum


class UserRole(StrEnum):
    """The two kinds of users an organization has (R-16, R-52 to R-54)."""

    MASTER = "master"
    GENERAL = "general"


class UserStatus(StrEnum):
    """What is stored about a user; a lock is computed from its end instead (R-48)."""

    ACTIVE = "active"
    BLOCKED = "blocked"
