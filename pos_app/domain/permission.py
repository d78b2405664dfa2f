"""Who may do what, as data."""

from enum import StrEnum


class UserRole(StrEnum):
    """A person's role; `user` is a customer's account and has no till."""

    USER = "user"
    CASHIER = "cashier"
    MANAGER = "manager"
    ADMIN = "admin"


class Permission(StrEnum):
    """A thing a person may be allowed to do."""

    SELL = "sell"
    REPRINT = "reprint"
    MOVE_ORDERS = "move_orders"
    EDIT_BOOKS = "edit_books"
    CORRECT_STOCK = "correct_stock"
    IMPORT = "import"
    CHANGE_SETTINGS = "change_settings"
    MANAGE_USERS = "manage_users"


_CASHIER = frozenset({Permission.SELL, Permission.REPRINT, Permission.MOVE_ORDERS})
_MANAGER = _CASHIER | {Permission.EDIT_BOOKS, Permission.CORRECT_STOCK, Permission.IMPORT}

PERMISSIONS: dict[UserRole, frozenset[Permission]] = {
    UserRole.USER: frozenset(),
    UserRole.CASHIER: _CASHIER,
    UserRole.MANAGER: _MANAGER,
    UserRole.ADMIN: frozenset(Permission),
}


def allowed(role: UserRole, permission: Permission) -> bool:
    """Tell whether a role has a right."""
    return permission in PERMISSIONS[role]
