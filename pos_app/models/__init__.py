"""The tables. Importing this package makes them all known to `Base.metadata`."""

from pos_app.domain.kinds import BookKind, StockReason
from pos_app.models.base import Base, BaseModel, table
from pos_app.models.book import Book, BookCode, BookSubject
from pos_app.models.book_history import (
    BookAct,
    BookAddition,
    BookChange,
    BookMerge,
    CategoryChange,
    StoredCover,
    UsedCopy,
)
from pos_app.models.book_import import BookImport, ImportColumns, RecordReference
from pos_app.models.cart import Cart, CartChange, CartItem, CartPayment, CartStatus
from pos_app.models.category import Category
from pos_app.models.customer import AccountMovement, Customer, CustomerConsent, CustomerMerge, LoyaltyMovement
from pos_app.models.customer_order import CustomerOrder, DepositMovement
from pos_app.models.delivery import Delivery, DeliveryLine
from pos_app.models.gift_card import GiftCard, GiftCardMovement, GiftCardReason
from pos_app.models.journal import JournalEntry
from pos_app.models.location import DOCUMENT_SERIES, SHOP_FLOOR, DocumentSeries, Location, Transfer, TransferLine
from pos_app.models.order import Order, OrderAdjustment, OrderChange, OrderEvent, OrderItem, OrderTax, Payment
from pos_app.models.promotion import Promotion, PromotionBook, QuickKey
from pos_app.models.purchase import PublisherReturn, PublisherReturnLine, PurchaseOrder, PurchaseOrderLine
from pos_app.models.quote import Quote, QuoteLine
from pos_app.models.review import Review
from pos_app.models.right import Approval, CardAttempt, Right
from pos_app.models.saved_view import SavedView
from pos_app.models.setting import Setting
from pos_app.models.stock import StockMovement
from pos_app.models.stock_count import Reservation, StockCountDocument, StockCountEntry, StockCountLine
from pos_app.models.stock_reversal import StockReversal, StockReversalLine
from pos_app.models.supplier import BookSupplier, Supplier
from pos_app.models.tax_rate import TaxRate
from pos_app.models.tender import ShopTender
from pos_app.models.till import CashMovement, Shift, Till, TillEvent, ZReport
from pos_app.models.user import User

__all__ = [
    "DOCUMENT_SERIES",
    "SHOP_FLOOR",
    "AccountMovement",
    "Approval",
    "Base",
    "BaseModel",
    "Book",
    "BookAct",
    "BookAddition",
    "BookChange",
    "BookCode",
    "BookImport",
    "BookKind",
    "BookMerge",
    "BookSubject",
    "BookSupplier",
    "CardAttempt",
    "Cart",
    "CartChange",
    "CartItem",
    "CartPayment",
    "CartStatus",
    "CashMovement",
    "Category",
    "CategoryChange",
    "Customer",
    "CustomerConsent",
    "CustomerMerge",
    "CustomerOrder",
    "Delivery",
    "DeliveryLine",
    "DepositMovement",
    "DocumentSeries",
    "GiftCard",
    "GiftCardMovement",
    "GiftCardReason",
    "ImportColumns",
    "JournalEntry",
    "Location",
    "LoyaltyMovement",
    "Order",
    "OrderAdjustment",
    "OrderChange",
    "OrderEvent",
    "OrderItem",
    "OrderTax",
    "Payment",
    "Promotion",
    "PromotionBook",
    "PublisherReturn",
    "PublisherReturnLine",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "QuickKey",
    "Quote",
    "QuoteLine",
    "RecordReference",
    "Reservation",
    "Review",
    "Right",
    "SavedView",
    "Setting",
    "Shift",
    "ShopTender",
    "StockCountDocument",
    "StockCountEntry",
    "StockCountLine",
    "StockMovement",
    "StockReason",
    "StockReversal",
    "StockReversalLine",
    "StoredCover",
    "Supplier",
    "TaxRate",
    "Till",
    "TillEvent",
    "Transfer",
    "TransferLine",
    "UsedCopy",
    "User",
    "ZReport",
    "table",
]
