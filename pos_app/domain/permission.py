"""Who may do what, as data: these are the defaults, which a shop changes on one page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pos_app.errors import Refused


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
    DISCOUNT = "discount"
    OVERRIDE_PRICE = "override_price"
    OVERRIDE_TAX = "override_tax"
    RETURN = "return"
    RETURN_WITHOUT_RECEIPT = "return_without_receipt"
    REFUND_IN_CASH = "refund_in_cash"
    VOID = "void"
    SELL_GIFT_CARDS = "sell_gift_cards"
    SELL_ON_ACCOUNT = "sell_on_account"
    OPEN_DRAWER = "open_drawer"
    MOVE_CASH = "move_cash"
    X_REPORT = "x_report"
    CLOSE_SHIFT = "close_shift"
    TRAIN = "train"
    ADD_BOOKS = "add_books"
    ADD_CUSTOMERS = "add_customers"
    EDIT_CUSTOMERS = "edit_customers"
    SET_CREDIT_LIMITS = "set_credit_limits"
    MERGE_CUSTOMERS = "merge_customers"
    ERASE_CUSTOMERS = "erase_customers"
    FREE_TILLS = "free_tills"
    END_PROGRAM = "end_program"
    MOVE_ORDERS = "move_orders"
    APPROVE = "approve"
    SEE_REPORTS = "see_reports"
    EDIT_BOOKS = "edit_books"
    CORRECT_STOCK = "correct_stock"
    COUNT_STOCK = "count_stock"
    RECEIVE_DELIVERIES = "receive_deliveries"
    TRANSFER_STOCK = "transfer_stock"
    RESERVE = "reserve"
    BUY = "buy"
    IMPORT = "import"
    CHANGE_PROMOTIONS = "change_promotions"
    CHANGE_SETTINGS = "change_settings"
    MANAGE_USERS = "manage_users"


# What a limit is measured in: hundredths of a per cent off the price, or minor units of money.
IN_BASIS_POINTS = frozenset({Permission.DISCOUNT, Permission.OVERRIDE_PRICE})
IN_MONEY = frozenset(
    {
        Permission.RETURN,
        Permission.RETURN_WITHOUT_RECEIPT,
        Permission.REFUND_IN_CASH,
        Permission.VOID,
        Permission.MOVE_CASH,
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """Whether something is allowed, and up to what; `most` None is without limit."""

    allowed: bool
    most: int | None = None

    def covers(self, amount: int | None) -> bool:
        """Tell whether it covers an amount, or the thing as such."""
        return self.allowed and (self.most is None or amount is None or amount <= self.most)


NOTHING = Grant(allowed=False)
_YES = Grant(allowed=True)
_CASHIER: Mapping[Permission, Grant] = {
    Permission.SELL: _YES,
    Permission.REPRINT: _YES,
    Permission.DISCOUNT: Grant(allowed=True, most=1000),
    Permission.RETURN: _YES,
    Permission.SELL_GIFT_CARDS: _YES,
    Permission.SELL_ON_ACCOUNT: _YES,
    Permission.OPEN_DRAWER: _YES,
    Permission.MOVE_CASH: Grant(allowed=True, most=10_000),
    Permission.X_REPORT: _YES,
    Permission.CLOSE_SHIFT: _YES,
    Permission.TRAIN: _YES,
    Permission.ADD_BOOKS: _YES,
    Permission.ADD_CUSTOMERS: _YES,
    Permission.EDIT_CUSTOMERS: _YES,
    Permission.MOVE_ORDERS: _YES,
    Permission.COUNT_STOCK: _YES,
    Permission.TRANSFER_STOCK: _YES,
    Permission.RESERVE: _YES,
}
_MANAGER: Mapping[Permission, Grant] = {
    **_CASHIER,
    Permission.DISCOUNT: Grant(allowed=True, most=5000),
    Permission.OVERRIDE_PRICE: _YES,
    Permission.OVERRIDE_TAX: _YES,
    Permission.RETURN_WITHOUT_RECEIPT: Grant(allowed=True, most=20_000),
    Permission.REFUND_IN_CASH: Grant(allowed=True, most=20_000),
    Permission.VOID: _YES,
    Permission.MOVE_CASH: _YES,
    Permission.APPROVE: _YES,
    Permission.SEE_REPORTS: _YES,
    Permission.EDIT_BOOKS: _YES,
    Permission.CORRECT_STOCK: _YES,
    Permission.RECEIVE_DELIVERIES: _YES,
    Permission.BUY: _YES,
    Permission.IMPORT: _YES,
    Permission.CHANGE_PROMOTIONS: _YES,
    Permission.SET_CREDIT_LIMITS: _YES,
    Permission.MERGE_CUSTOMERS: _YES,
    Permission.ERASE_CUSTOMERS: _YES,
    Permission.FREE_TILLS: _YES,
    Permission.END_PROGRAM: _YES,
}
PERMISSIONS: Mapping[UserRole, Mapping[Permission, Grant]] = {
    UserRole.USER: {},
    UserRole.CASHIER: _CASHIER,
    UserRole.MANAGER: _MANAGER,
    UserRole.ADMIN: dict.fromkeys(Permission, _YES),
}


def default_grant(role: UserRole, permission: Permission) -> Grant:
    """Give what a role is granted where the shop has decided nothing else."""
    return PERMISSIONS[role].get(permission, NOTHING)


def allowed(role: UserRole, permission: Permission) -> bool:
    """Tell whether a role has a right by default."""
    return default_grant(role, permission).allowed


def check_grant(
    grant: Grant, role: UserRole, permission: Permission, amount: int | None, who: Collection[UserRole] = ()
) -> None:
    """Raise Refused("right.missing" | "right.limit") unless a grant covers an amount; `who` are the roles that may."""
    if grant.covers(amount):
        return
    told = {"permission": permission.value, "role": role.value, "amount": amount}
    may = tuple(one.value for one in PERMISSIONS if one in who)
    if not grant.allowed:
        raise Refused("right.missing", **told, who=may)
    raise Refused("right.limit", **told, most=grant.most, who=may)
