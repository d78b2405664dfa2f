"""Titles as an ONIX for Books 3.0 message, with reference names: what partners take, and `import` reads back.

Tags, their order and the code lists: EDItEUR, "ONIX for Books", release 3.0.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring  # noqa: S405 - only written
from xml.sax.saxutils import escape

from pos_app.domain.isbn import BOOK_PREFIXES
from pos_app.domain.subject import MAIN, subjects_of
from pos_app.exchange.book_table import TitleRow
from pos_app.exchange.onix import BARCODE, CATEGORIES, FREE, INACTIVE, OWN_CODE, OWN_SCHEME, STATE
from pos_app.exchange.trade_codes import FORMS, form_code, language_codes, status_code

_HEAD = """<?xml version="1.0" encoding="utf-8"?>
<ONIXMessage release="3.0" xmlns="http://ns.editeur.org/onix/3.0/reference">
<Header><Sender><SenderName>{sender}</SenderName></Sender><SentDateTime>{sent}</SentDateTime></Header>
"""
# ONIX list 55, by how many characters a date has; what is no date of our era is written as a text.
_DATE_FORMATS = {4: "05", 6: "01", 8: "00"}
_TEXT_DATE = "32"
# What stands behind a comma and is a part of the name before it.
_SUFFIX = re.compile(r", (?=(?:Jr|Sr|II|III|IV|Ph\.? ?D|M\.? ?D|Esq)\b)")
# Letters that XML does not have, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class OnixTable:
    """Writes titles as products, one a line; what has no ISBN has no place in the trade and is left out."""

    def __init__(self, path: Path, *, sender: str, sent: datetime, currency: str, with_tax: bool) -> None:
        """Open the file and write the head. Raises OSError."""
        self.left_out = 0
        self._currency = currency
        # ONIX list 58: what a customer pays, with tax and without.
        self._price_type = "02" if with_tax else "01"
        self._supplier = _clean(sender) or "Bookshop"
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._file.write(_HEAD.format(sender=escape(self._supplier), sent=sent.strftime("%Y%m%dT%H%M%SZ")))

    def write(self, rows: Iterable[TitleRow]) -> None:
        """Write rows."""
        for row in rows:
            if row.isbn is None:
                self.left_out += 1
            else:
                self._file.write(tostring(self._product(row, row.isbn), encoding="unicode") + "\n")

    def close(self) -> None:
        """End the message and the file."""
        with self._file:
            self._file.write("</ONIXMessage>\n")

    def _product(self, row: TitleRow, isbn: str) -> Element:
        product = Element("Product")
        _put(product, "RecordReference", isbn)
        _put(product, "NotificationType", "03")
        identifier = SubElement(product, "ProductIdentifier")
        # ONIX list 5: an ISBN, or the EAN of another good.
        _put(identifier, "ProductIDType", "15" if isbn.startswith(BOOK_PREFIXES) else "03")
        _put(identifier, "IDValue", isbn)
        for code in row.barcodes:
            further = SubElement(product, "ProductIdentifier")
            _put(further, "ProductIDType", OWN_CODE)
            _put(further, "IDTypeName", BARCODE)
            _put(further, "IDValue", code)
        _describe(SubElement(product, "DescriptiveDetail"), row)
        if row.description:
            # ONIX lists 153, 154 and 34: a description, for whoever wants it, as plain text.
            content = SubElement(SubElement(product, "CollateralDetail"), "TextContent")
            _put(content, "TextType", "03")
            _put(content, "ContentAudience", "00")
            _put(content, "Text", row.description).set("textformat", "06")
        if row.publisher or row.published_on or row.availability:
            _publish(SubElement(product, "PublishingDetail"), row)
        self._supply(SubElement(SubElement(product, "ProductSupply"), "SupplyDetail"), row)
        return product

    def _supply(self, detail: Element, row: TitleRow) -> None:
        supplier = SubElement(detail, "Supplier")
        _put(supplier, "SupplierRole", "00")
        _put(supplier, "SupplierName", self._supplier)
        # ONIX list 65: in stock, or to order.
        _put(detail, "ProductAvailability", "21" if row.stock > 0 else "22")
        if not row.price:
            _put(detail, "UnpricedItemType", FREE)
            return
        price = SubElement(detail, "Price")
        _put(price, "PriceType", self._price_type)
        _put(price, "PriceAmount", str(row.price))
        _put(price, "CurrencyCode", self._currency)


def _describe(detail: Element, row: TitleRow) -> None:
    _put(detail, "ProductComposition", "00")
    form = form_code(row.format)
    _put(detail, "ProductForm", form)
    if row.format and row.format != FORMS.get(form):
        _put(detail, "ProductFormDescription", row.format)
    if row.series:
        collection = SubElement(detail, "Collection")
        _put(collection, "CollectionType", "00")
        _title(collection, "02", row.series, row.series_number)
    _title(detail, "01", row.title)
    for name in authors(row.author):
        contributor = SubElement(detail, "Contributor")
        _put(contributor, "ContributorRole", "A01")
        _put(contributor, "PersonName", name)
    if not row.author:
        SubElement(detail, "NoContributor")
    language, country = language_codes(row.language)
    if language:
        spoken = SubElement(detail, "Language")
        _put(spoken, "LanguageRole", "01")
        _put(spoken, "LanguageCode", language)
        if country:
            _put(spoken, "CountryCode", country)
    _say_subjects(detail, row.subjects)
    for name, heading in ((CATEGORIES, row.category), (STATE, None if row.active else INACTIVE)):
        if heading:
            subject = SubElement(detail, "Subject")
            _put(subject, "SubjectSchemeIdentifier", OWN_SCHEME)
            _put(subject, "SubjectSchemeName", name)
            _put(subject, "SubjectHeadingText", heading)


def _say_subjects(detail: Element, kept: str | None) -> None:
    mainly = set[str]()
    for scheme, code in subjects_of(kept):
        subject = SubElement(detail, "Subject")
        if scheme in MAIN - mainly:
            # The first of its scheme.
            SubElement(subject, "MainSubject")
            mainly.add(scheme)
        _put(subject, "SubjectSchemeIdentifier", scheme)
        _put(subject, "SubjectCode", code)


def _title(parent: Element, level: str, text: str, part: str | None = None) -> None:
    detail = SubElement(parent, "TitleDetail")
    _put(detail, "TitleType", "01")
    element = SubElement(detail, "TitleElement")
    _put(element, "TitleElementLevel", level)
    if part:
        _put(element, "PartNumber", part)
    _put(element, "TitleText", text)


def _publish(detail: Element, row: TitleRow) -> None:
    publisher = SubElement(detail, "Publisher")
    _put(publisher, "PublishingRole", "01")
    if row.publisher:
        _put(publisher, "PublisherName", row.publisher)
    else:
        # Dates and states stand behind a publisher only: one without a name.
        identifier = SubElement(publisher, "PublisherIdentifier")
        _put(identifier, "PublisherIDType", "01")
        _put(identifier, "IDTypeName", "Bookstore POS publisher")
        _put(identifier, "IDValue", "unknown")
    if row.availability:
        _put(detail, "PublishingStatus", status_code(row.availability))
    if row.published_on:
        published = SubElement(detail, "PublishingDate")
        _put(published, "PublishingDateRole", "01")
        before = row.published_on.startswith("-")
        text = row.published_on if before else row.published_on.replace("-", "")
        _put(published, "Date", text).set(
            "dateformat", _TEXT_DATE if before else _DATE_FORMATS.get(len(text), _TEXT_DATE)
        )


def authors(text: str) -> list[str]:
    """Give the people of a title, one by one."""
    held = _SUFFIX.sub(",\0", text)
    return [name.replace("\0", " ").strip() for name in held.split(", ") if name.strip()]


def _put(parent: Element, name: str, text: str) -> Element:
    made = SubElement(parent, name)
    made.text = _clean(text)
    return made


def _clean(text: str) -> str:
    return _NOT_XML.sub(" ", text)
