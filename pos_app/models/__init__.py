"""The tables. Importing this package makes them all known to `Base.metadata`."""

from pos_app.domain.kinds import BookKind, StockReason
from pos_app.models.base import Base, BaseModel, table
from pos_app.models.book import Book, BookCode
from pos_app.models.cart import Cart, CartChange, CartItem, CartPayment, CartStatus
from pos_app.models.category import Category
from pos_app.models.customer import Customer
from pos_app.models.order import Order, OrderEvent, OrderItem, OrderTax, Payment
from pos_app.models.review import Review
from pos_app.models.setting import Setting
from pos_app.models.stock import StockMovement
from pos_app.models.tax_rate import TaxRate
from pos_app.models.till import CashMovement, Shift, Till
from pos_app.models.user import User

__all__ = [
    "Base",
    "BaseModel",
    "Book",
    "BookCode",
    "BookKind",
    "Cart",
    "CartChange",
    "CartItem",
    "CartPayment",
    "CartStatus",
    "CashMovement",
    "Category",
    "Customer",
    "Order",
    "OrderEvent",
    "OrderItem",
    "OrderTax",
    "Payment",
    "Review",
    "Setting",
    "Shift",
    "StockMovement",
    "StockReason",
    "TaxRate",
    "Till",
    "User",
    "table",
]
