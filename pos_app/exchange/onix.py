"""ONIX for Books 2.1, 3.0 and 3.1, with reference names or short tags, as neutral titles.

Tags and code lists: EDItEUR, "ONIX for Books", releases 2.1 and 3.0/3.1.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element  # noqa: S405 - only the tree; onix_xml parses

from pos_app.errors import Refused
from pos_app.exchange.onix_xml import read_elements
from pos_app.exchange.title import FilePrice, FileTitle, Reached, nothing
from pos_app.exchange.trade_codes import form_words
from pos_app.messages import sentence

# Short tags of single fields; a composite's short tag is its reference name in small letters.
_SHORT = {
    "a001": "recordreference", "a002": "notificationtype", "b221": "productidtype", "b244": "idvalue",
    "b004": "isbn", "b005": "ean13", "b028": "distinctivetitle", "b202": "titletype", "b203": "titletext",
    "b030": "titleprefix", "b031": "titlewithoutprefix", "b029": "subtitle", "x409": "titleelementlevel",
    "b035": "contributorrole", "b036": "personname", "b037": "personnameinverted", "b039": "namesbeforekey",
    "b040": "keynames", "b047": "corporatename", "b049": "contributorstatement", "b081": "publishername",
    "b079": "imprintname", "b003": "publicationdate", "x448": "publishingdaterole", "b306": "date",
    "b012": "productform", "b252": "languagecode", "b253": "languagerole", "b067": "subjectschemeidentifier",
    "b069": "subjectcode", "b070": "subjectheadingtext", "b064": "basicmainsubject", "b065": "bicmainsubject",
    "j151": "priceamount", "x462": "pricetype", "j148": "pricetypecode", "j152": "currencycode",
    "j161": "priceeffectivefrom", "j162": "priceeffectiveuntil", "x476": "pricedaterole", "b251": "countrycode",
    "b333": "productformdescription", "b171": "subjectschemename", "j192": "unpriceditemtype",
    "x449": "countriesincluded", "x451": "countriesexcluded", "b018": "titleofseries", "x410": "partnumber",
    "b019": "numberwithinseries", "j141": "availabilitycode", "j396": "productavailability",
    "d102": "texttypecode", "d104": "text", "x426": "texttype", "m186": "defaultcurrencycode",
}  # fmt: skip
# What the shop's own categories are called as a scheme of subjects (ONIX list 27, 24: a scheme of the sender's own).
OWN_SCHEME, CATEGORIES = "24", "Bookstore POS category"
# ONIX list 57.
FREE = "01"
_WANTED = frozenset({"header", "product"})
_ISBN_TYPES = ("15", "03", "02")
_DESCRIPTIONS = ("03", "01", "02")


def read_onix(path: Path, reached: Reached = nothing) -> Iterator[FileTitle]:
    """Every product of a message, in its order; a file that breaks off ends with a record that says so.

    `reached` gets how many bytes are read. Raises Refused("import.unreadable") where nothing at all could be read.
    """
    number, money = 0, ""
    try:
        for element in read_elements(path, _WANTED, _SHORT, reached):
            if element.tag == "header":
                money = _get(element, "defaultcurrencycode")
                continue
            number += 1
            yield _title(element, number, money)
    except Refused as error:
        if number == 0:
            raise
        yield FileTitle(number + 1, fault=sentence(error))
    else:
        if number == 0:
            raise Refused("import.unreadable", path=str(path), reason="it holds no ONIX product")


def _get(element: Element, *names: str) -> str:
    """The text of the first of these children that has one, markup inside it left out."""
    for name in names:
        found = _find(element, name) if "/" in name else element.find(name)
        if found is None:
            continue
        whole = "".join(found.itertext()) if len(found) else found.text or ""
        if text := " ".join(whole.split()):
            return text
    return ""


def _find(element: Element, path: str) -> Element | None:
    """Find as `Element.find` does, which for a path takes ten times as long as for a name."""
    if path.startswith(".//"):
        return element.find(path) if "/" in path[3:] else next(element.iter(path[3:]), None)
    name, _, rest = path.partition("/")
    if not rest:
        return element.find(name)
    for child in element.findall(name):
        found = _find(child, rest)
        if found is not None:
            return found
    return None


def _title(product: Element, number: int, money: str) -> FileTitle:
    notice = _get(product, "notificationtype")
    isbn, title = _isbn(product), _main_title(product)
    delete, partial = notice == "05", notice == "04"
    fault = None
    if not isbn:
        fault = "it has no ISBN"
    elif not (title or delete or partial):
        fault = "it has no title"
    series, series_number = _series(product)
    return FileTitle(
        number=number,
        reference=_get(product, "recordreference"),
        isbn=isbn,
        title=title,
        author=_authors(product),
        publisher=_get(product, "publisher/publishername", ".//publisher/publishername", ".//imprintname"),
        published_on=_published(product),
        format=form_words(
            _get(product, "productform", "descriptivedetail/productform"),
            _get(product, "productformdescription", "descriptivedetail/productformdescription"),
        ),
        language=_language(product),
        series=series,
        series_number=series_number,
        description=_description(product),
        subjects=tuple(_subjects(product)),
        category=_category(product),
        prices=tuple(_prices(product, money)),
        free=_get(product, ".//unpriceditemtype") == FREE,
        availability=_get(product, ".//productavailability", ".//availabilitycode"),
        partial=partial,
        delete=delete,
        fault=fault,
    )


def _isbn(product: Element) -> str:
    given = {_get(one, "productidtype"): _get(one, "idvalue") for one in product.findall("productidentifier")}
    return next((given[kind] for kind in _ISBN_TYPES if given.get(kind)), "") or _get(product, "ean13", "isbn")


def _main_title(product: Element) -> str:
    for detail in (*product.findall("title"), *product.findall("descriptivedetail/titledetail")):
        if _get(detail, "titletype") not in ("01", ""):
            continue
        parts = [one for one in detail.findall("titleelement") if _get(one, "titleelementlevel") in ("01", "")]
        for part in parts or [detail]:
            whole = _get(part, "titletext") or f"{_get(part, 'titleprefix')} {_get(part, 'titlewithoutprefix')}".strip()
            if whole:
                subtitle = _get(part, "subtitle")
                return f"{whole}: {subtitle}" if subtitle else whole
    return _get(product, "distinctivetitle")


def _authors(product: Element) -> str:
    """Authors by name; where there is none, editors, illustrators and whoever else made the book."""
    people = [*product.findall("contributor"), *product.findall("descriptivedetail/contributor")]
    chosen = next((some for role in ("A01", "A", "") if (some := _in_role(people, role))), [])
    names = [
        _get(one, "personname")
        or f"{_get(one, 'namesbeforekey')} {_get(one, 'keynames')}".strip()
        or _get(one, "corporatename", "personnameinverted")
        for one in chosen
    ]
    said = ", ".join(dict.fromkeys(name for name in names if name))
    return said or _get(product, "contributorstatement", "descriptivedetail/contributorstatement")


def _in_role(people: list[Element], role: str) -> list[Element]:
    return [one for one in people if any((code.text or "").startswith(role) for code in one.iter("contributorrole"))]


def _published(product: Element) -> str:
    dates = {_get(one, "publishingdaterole"): _get(one, "date") for one in product.iter("publishingdate")}
    text = dates.get("01") or dates.get("11") or _get(product, "publicationdate")
    match = re.match(r"(-?[0-9]{4})-?([0-9]{2})?-?([0-9]{2})?", text)
    return "-".join(part for part in match.groups() if part) if match else ""


def _language(product: Element) -> str:
    spoken = [*product.findall("language"), *product.findall("descriptivedetail/language")]
    text = next((one for one in spoken if _get(one, "languagerole") == "01"), None)
    return "" if text is None else "-".join(filter(None, (_get(text, "languagecode"), _get(text, "countrycode"))))


def _series(product: Element) -> tuple[str, str]:
    for one in product.findall("series"):
        if name := _get(one, "titleofseries", "title/titletext"):
            return name, _get(one, "numberwithinseries")
    for one in product.iter("collection"):
        for part in one.iter("titleelement"):
            without = f"{_get(part, 'titleprefix')} {_get(part, 'titlewithoutprefix')}".strip()
            if _get(part, "titleelementlevel") == "02" and (name := _get(part, "titletext") or without):
                return name, _get(part, "partnumber")
    return "", ""


def _description(product: Element) -> str:
    texts: dict[str, str] = {}
    for one in (*product.findall("othertext"), *product.iter("textcontent")):
        texts.setdefault(_get(one, "texttypecode", "texttype").zfill(2), _get(one, "text"))
    return next((texts[kind] for kind in _DESCRIPTIONS if texts.get(kind)), "")


def _category(product: Element) -> str:
    """Give the shop's own category, where the file was written by a shop's catalogue."""
    for one in product.findall("descriptivedetail/subject"):
        if (_get(one, "subjectschemeidentifier"), _get(one, "subjectschemename")) == (OWN_SCHEME, CATEGORIES):
            return _get(one, "subjectheadingtext")
    return ""


def _subjects(product: Element) -> Iterator[tuple[str, str]]:
    """Scheme (ONIX list 27) and code, or the heading where there is no code."""
    for name, scheme in (("basicmainsubject", "10"), ("bicmainsubject", "12")):
        if code := _get(product, name):
            yield scheme, code
    for one in (*product.findall("subject"), *product.findall("descriptivedetail/subject")):
        if code := _get(one, "subjectcode", "subjectheadingtext"):
            yield _get(one, "subjectschemeidentifier"), code


def _prices(product: Element, money: str) -> Iterator[FilePrice]:
    for one in product.iter("price"):
        amount = _get(one, "priceamount")
        if not amount:
            continue
        dates = {_get(date, "pricedaterole"): _get(date, "date") for date in one.findall("pricedate")}
        codes = ("".join(code.itertext()) for code in one.findall("countrycode"))
        inside = [_get(one, "territory/countriesincluded"), *codes]
        yield FilePrice(
            amount,
            _get(one, "currencycode") or money,
            _get(one, "pricetype", "pricetypecode"),
            tuple(" ".join(inside).split()),
            tuple(_get(one, "territory/countriesexcluded").split()),
            dates.get("14") or _get(one, "priceeffectivefrom"),
            dates.get("15") or _get(one, "priceeffectiveuntil"),
        )
