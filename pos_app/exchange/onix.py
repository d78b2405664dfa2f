"""ONIX for Books 2.1, 3.0 and 3.1, with reference names or short tags, as neutral titles.

Tags and code lists: EDItEUR, "ONIX for Books", releases 2.1 and 3.0/3.1.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from xml.etree.ElementTree import Element  # noqa: S405 - only the tree; onix_xml parses

from pos_app.errors import Refused
from pos_app.exchange.onix_xml import read_elements
from pos_app.exchange.title import MAX_DESCRIPTION, MAX_TITLE, FilePrice, FileTitle, Notice, Reached, Territory, nothing
from pos_app.exchange.trade_codes import form_words, supply_words
from pos_app.messages import sentence

# Short tags of single fields; a composite's short tag is its reference name in small letters.
_SHORT = {
    "a001": "recordreference", "a002": "notificationtype", "b221": "productidtype", "b244": "idvalue",
    "b004": "isbn", "b005": "ean13", "b028": "distinctivetitle", "b202": "titletype", "b203": "titletext",
    "b030": "titleprefix", "b031": "titlewithoutprefix", "b029": "subtitle", "x409": "titleelementlevel",
    "b034": "sequencenumber",
    "b035": "contributorrole", "b036": "personname", "b037": "personnameinverted", "b039": "namesbeforekey",
    "b040": "keynames", "b047": "corporatename", "b049": "contributorstatement", "b081": "publishername",
    "b079": "imprintname", "b003": "publicationdate", "x448": "publishingdaterole", "b306": "date",
    "b012": "productform", "b252": "languagecode", "b253": "languagerole", "b067": "subjectschemeidentifier",
    "b069": "subjectcode", "b070": "subjectheadingtext", "b064": "basicmainsubject", "b065": "bicmainsubject",
    "j151": "priceamount", "x462": "pricetype", "j148": "pricetypecode", "j152": "currencycode",
    "j161": "priceeffectivefrom", "j162": "priceeffectiveuntil", "x476": "pricedaterole", "b251": "countrycode",
    "b394": "publishingstatus",
    "b333": "productformdescription", "b171": "subjectschemename", "j192": "unpriceditemtype",
    "x449": "countriesincluded", "x450": "regionsincluded", "x451": "countriesexcluded", "x452": "regionsexcluded",
    "j303": "territory", "j304": "countryexcluded", "j308": "territoryexcluded", "j138": "supplytocountry",
    "j397": "supplytoterritory", "j140": "supplytocountryexcluded", "j261": "pricequalifier",
    "j263": "minimumorderquantity", "b018": "titleofseries", "x410": "partnumber",
    "b019": "numberwithinseries", "j141": "availabilitycode", "j396": "productavailability",
    "d102": "texttypecode", "d104": "text", "x426": "texttype", "m186": "defaultcurrencycode",
    "m185": "defaultpricetypecode", "x310": "defaultpricetype", "a199": "deletiontext",
    "b233": "idtypename", "x425": "mainsubject",
}  # fmt: skip
# What the shop's own categories are called as a scheme of subjects (ONIX list 27, 24: a scheme of the sender's own).
OWN_SCHEME, CATEGORIES, STATE, INACTIVE = "24", "Bookstore POS category", "Bookstore POS state", "inactive"
# And its further barcodes (ONIX list 5: a number of the sender's own).
OWN_CODE, BARCODE = "01", "Bookstore POS barcode"
# Digits that a place among contributors has at most.
MOST_PLACES = 6
# ONIX list 57.
FREE = "01"
# ONIX list 1. Some updates of release 2.1 are of the supply alone, whatever else the record repeats.
NOTICES = {"04": Notice.PART, "05": Notice.OUT, "08": Notice.PART, "09": Notice.PART}
BLOCKS_ONLY, SUPPLY_ONLY, TESTS = "04", ("12", "13", "14"), ("88", "89")
# ONIX list 59: prices that are anybody's.
FOR_ALL = ("", "00", "05")
_WANTED = frozenset({"header", "product"})
_ISBN_TYPES = ("15", "03", "02")
_DESCRIPTIONS = ("03", "01", "02")
# ONIX list 34: a text without markup, in which an angle is an angle.
_PLAIN_TEXTS = ("06", "07")
_INLINE = frozenset({"a", "abbr", "b", "cite", "em", "i", "q", "s", "small", "span", "strong", "sub", "sup", "u"})
_MARKUP = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)\b[^<>]{0,500}>")
# What a block of an update replaces as a whole, since release 3.0: what it no longer tells, a title no longer has.
_BLOCKS = {
    "descriptivedetail": ("author", "format", "language", "series", "series_number", "subjects"),
    "collateraldetail": ("description",),
    "publishingdetail": ("publisher", "published_on"),
}


def read_onix(path: Path, reached: Reached = nothing) -> Iterator[FileTitle]:
    """Every product of a message, in its order; a file that breaks off ends with a record that says so.

    `reached` gets how many bytes are read. Raises Refused("import.unreadable") where nothing at all could be read.
    """
    number, usual = 0, ("", "")
    try:
        for element in read_elements(path, _WANTED, _SHORT, reached):
            if element.tag == "header":
                usual = (
                    _get(element, "defaultcurrencycode"),
                    _get(element, "defaultpricetype", "defaultpricetypecode"),
                )
                continue
            number += 1
            yield _title(element, number, usual)
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


def _title(product: Element, number: int, usual: tuple[str, str]) -> FileTitle:
    """One product; `usual` are the message's currency and kind of price."""
    kind = _get(product, "notificationtype")
    isbn, reference = _isbn(product), _get(product, "recordreference")
    prices = tuple(_prices(product, *usual))
    free = _get(product, ".//unpriceditemtype") == FREE
    status = _get(product, "publishingdetail/publishingstatus", "publishingstatus")
    availability = supply_words(status, _get(product, ".//productavailability", ".//availabilitycode"))
    if kind in SUPPLY_ONLY:
        fault = None if isbn or reference else "it has no ISBN"
        return FileTitle(
            number,
            reference,
            isbn,
            prices=prices,
            free=free,
            availability=availability,
            notice=Notice.PART,
            fault=fault,
        )
    notice, title = NOTICES.get(kind, Notice.WHOLE), _main_title(product)
    fault = None
    if kind in TESTS:
        fault = "it is marked as a test"
    elif not isbn and (notice is Notice.WHOLE or not reference):
        fault = "it has no ISBN"
    elif not title and notice is Notice.WHOLE:
        fault = "it has no title"
    series, series_number = _series(product)
    return FileTitle(
        number=number,
        reference=reference,
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
        category=_own(product, CATEGORIES),
        inactive=_own(product, STATE) == INACTIVE,
        barcodes=tuple(
            _get(one, "idvalue") for one in product.findall("productidentifier") if _get(one, "idtypename") == BARCODE
        ),
        prices=prices,
        free=free,
        availability=availability,
        cleared=_cleared(product) if kind == BLOCKS_ONLY else (),
        notice=notice,
        fault=fault,
    )


def _cleared(product: Element) -> tuple[str, ...]:
    return tuple(name for block, names in _BLOCKS.items() if product.find(block) is not None for name in names)


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
                return f"{whole}: {subtitle}" if subtitle and len(whole) + len(subtitle) + 2 <= MAX_TITLE else whole
    return _get(product, "distinctivetitle")


def _authors(product: Element) -> str:
    """Authors by name; where there is none, editors, illustrators and whoever else made the book."""
    people = [*product.findall("contributor"), *product.findall("descriptivedetail/contributor")]
    people.sort(key=_place)
    chosen = next((some for role in ("A01", "A", "") if (some := _in_role(people, role))), [])
    names = [
        _get(one, "personname")
        or f"{_get(one, 'namesbeforekey')} {_get(one, 'keynames')}".strip()
        or _get(one, "corporatename", "personnameinverted")
        for one in chosen
    ]
    said = ", ".join(dict.fromkeys(name for name in names if name))
    return said or _get(product, "contributorstatement", "descriptivedetail/contributorstatement")


def _place(person: Element) -> int:
    """Where somebody stands among those who made a book; whoever has no number comes last."""
    text = _get(person, "sequencenumber")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_PLACES else 10**MOST_PLACES


def _in_role(people: list[Element], role: str) -> list[Element]:
    return [one for one in people if any((code.text or "").startswith(role) for code in one.iter("contributorrole"))]


def _published(product: Element) -> str:
    dates = {_get(one, "publishingdaterole"): _get(one, "date") for one in product.iter("publishingdate")}
    text = dates.get("01") or dates.get("11") or _get(product, "publicationdate")
    match = re.match(r"(-?[0-9]{4})-?([0-9]{2})?-?([0-9]{2})?", text)
    return "-".join(part for part in match.groups() if part) if match else text


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
        kind = _get(one, "texttypecode", "texttype").zfill(2)
        if kind in _DESCRIPTIONS and kind not in texts and (text := one.find("text")) is not None:
            texts[kind] = _without_markup(text)
    return next((texts[kind] for kind in _DESCRIPTIONS if texts.get(kind)), "")[:MAX_DESCRIPTION]


def _without_markup(text: Element) -> str:
    """A text's words; elements are markup, and so is what was written as text, but for a text that says it has none."""
    said = "".join(_words(text)) if len(text) else text.text or ""
    if text.get("textformat") not in _PLAIN_TEXTS and ("<" in said or "&" in said):
        said = unescape(_MARKUP.sub(lambda found: "" if found[2].lower() in _INLINE else " ", said))
    return " ".join(said.split())


def _words(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        between = "" if child.tag in _INLINE else " "
        yield between
        yield from _words(child)
        yield between + (child.tail or "")


def _own(product: Element, scheme: str) -> str:
    """What the shop itself says of a title, where the file was written by a shop's catalogue."""
    for one in product.findall("descriptivedetail/subject"):
        if (_get(one, "subjectschemeidentifier"), _get(one, "subjectschemename")) == (OWN_SCHEME, scheme):
            return _get(one, "subjectheadingtext")
    return ""


def _subjects(product: Element) -> Iterator[tuple[str, str]]:
    """Scheme (ONIX list 27) and code, or the heading where there is no code; those that count most first."""
    for name, scheme in (("basicmainsubject", "10"), ("bicmainsubject", "12")):
        if code := _get(product, name):
            yield scheme, code
    given = [*product.findall("subject"), *product.findall("descriptivedetail/subject")]
    for one in sorted(given, key=lambda one: one.find("mainsubject") is None):
        if code := _get(one, "subjectcode", "subjectheadingtext"):
            yield _get(one, "subjectschemeidentifier"), code


def _prices(product: Element, money: str, kind: str) -> Iterator[FilePrice]:
    """Prices that are anybody's, for one copy; a price without a territory is that of the market it stands in."""
    for supply in _supplies(product):
        market = _territory(*supply.findall("market/territory"))
        for detail in supply.iter("supplydetail"):
            around = _or(_supplied_to(detail), market)
            for one in detail.findall("price"):
                amount = _get(one, "priceamount")
                least = _get(one, "minimumorderquantity")
                if not amount or _get(one, "pricequalifier") not in FOR_ALL or least not in ("", "0", "1"):
                    continue
                yield FilePrice(
                    amount,
                    _get(one, "currencycode") or money,
                    _get(one, "pricetype", "pricetypecode") or kind,
                    _or(_price_territory(one), around),
                    *_days(one),
                )


def _supplies(product: Element) -> list[Element]:
    """What holds supply details: one for each market since release 3.0, the product itself before."""
    return product.findall("productsupply") or [product]


def _or(territory: Territory, otherwise: Territory) -> Territory:
    return otherwise if territory == Territory() else territory


def _price_territory(price: Element) -> Territory:
    """Where a price holds: a composite since release 3.0, codes in the price itself before."""
    inside = price.findall("territory")
    if any(len(one) for one in inside):
        return _territory(*inside)
    return Territory(
        _codes(price, "countrycode"),
        _codes(price, "territory"),
        _codes(price, "countryexcluded"),
        _codes(price, "territoryexcluded"),
    )


def _territory(*inside: Element) -> Territory:
    """Several territories taken together."""
    names = ("countriesincluded", "regionsincluded", "countriesexcluded", "regionsexcluded")
    return Territory(*(tuple(code for one in inside for code in _codes(one, name)) for name in names))


def _supplied_to(detail: Element) -> Territory:
    return Territory(
        _codes(detail, "supplytocountry"),
        _codes(detail, "supplytoterritory"),
        _codes(detail, "supplytocountryexcluded"),
    )


def _codes(parent: Element, name: str) -> tuple[str, ...]:
    return tuple(code for one in parent.findall(name) for code in "".join(one.itertext()).upper().split())


def _days(price: Element) -> tuple[str, str]:
    """The first and the last day of a price (ONIX list 173: from, until, from and until in one)."""
    dates = {_get(one, "pricedaterole"): re.sub(r"[^0-9]", "", _get(one, "date")) for one in price.findall("pricedate")}
    both = dates.get("24", "")
    starts = dates.get("14") or both[:8] or re.sub(r"[^0-9]", "", _get(price, "priceeffectivefrom"))
    ends = dates.get("15") or both[8:] or re.sub(r"[^0-9]", "", _get(price, "priceeffectiveuntil"))
    return starts[:8], ends[:8]
