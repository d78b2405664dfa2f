"""The book trade's codes and the shop's words for them.

Sources: EDItEUR, ONIX code lists 54 and 65 (availability), 64 (publishing status), 74 (languages, which are ISO 639-2's
bibliographic codes, as in MARC 21) and 150 (product forms), 27 (schemes of subjects); Thema, BIC and BISAC, of each the
uppermost level.
"""

from collections.abc import Iterable

from babel.core import get_global

from pos_app.domain.kinds import Availability
from pos_app.exchange.title import AVAILABLE

# Product forms that a bookshop keeps apart; what is not here keeps its code when it is read.
FORMS = {
    "AC": "CD", "AJ": "Audio download", "BA": "Book", "BB": "Hardback", "BC": "Paperback", "BD": "Loose-leaf",
    "BE": "Spiral bound", "BF": "Pamphlet", "BG": "Leather bound", "BH": "Board book", "BI": "Rag book",
    "BJ": "Bath book", "BK": "Novelty book", "BM": "Big book", "BN": "Part-work", "BO": "Fold-out", "BZ": "Other book",
    "CA": "Map", "CB": "Folded map", "CE": "Globe", "EA": "E-book", "ED": "E-book download", "PC": "Calendar",
    "PD": "Cards", "PJ": "Postcards", "PK": "Poster", "PZ": "Print", "SA": "Multiple-item pack",
    "VI": "DVD", "ZE": "Game", "ZJ": "Jigsaw", "ZY": "Toy",
}  # fmt: skip
# What a publisher says of a title (list 64), and what a supplier does (65, in release 2.1 54). What says that another
# supplier, or another product, is to be asked is no word on the title.
_STATUSES = {
    Availability.FORTHCOMING: "02", Availability.UNAVAILABLE: "16", Availability.OUT_OF_PRINT: "07 06 08 10",
    Availability.WITHDRAWN: "11 01 03 12 15 17",
}  # fmt: skip
_SUPPLIES = {
    Availability.FORTHCOMING: "10 11 12 NP NY", Availability.UNAVAILABLE: "30 31 32 33 34 40 RP RU TP TU UR",
    Availability.OUT_OF_PRINT: "41 42 47 48 51 OF OI OP OR RM", Availability.WITHDRAWN: "01 09 46 49 AB PP WS",
}  # fmt: skip
_TO_BE_HAD = frozenset({"20", "21", "22", "23", "AD", "IP", "MD", "TO", "WR"})
ACTIVE_STATUS = "04"
_STATUS_WORDS = {code: state for state, codes in _STATUSES.items() for code in codes.split()}
_SUPPLY_WORDS = {code: state for state, codes in _SUPPLIES.items() for code in codes.split()}
UNDEFINED_FORM = "00"
# Two letters of ISO 639-1, then the three of ISO 639-2's bibliographic code.
_LANGUAGES = """
    aaaar ababk aeave afafr akaka amamh anarg arara asasm avava ayaym azaze babak bebel bgbul bibis bmbam bnben
    botib brbre bsbos cacat ceche chcha cocos crcre cscze cuchu cvchv cywel dadan deger dvdiv dzdzo eeewe elgre
    eneng eoepo esspa etest eubaq faper ffful fifin fjfij fofao frfre fyfry gagle gdgla glglg gngrn guguj gvglv
    hahau heheb hihin hohmo hrhrv hthat huhun hyarm hzher iaina idind ieile igibo iiiii ikipk ioido isice itita
    iuiku jajpn jvjav kageo kgkon kikik kjkua kkkaz klkal kmkhm knkan kokor krkau kskas kukur kvkom kwcor kykir
    lalat lbltz lglug lilim lnlin lolao ltlit lulub lvlav mgmlg mhmah mimao mkmac mlmal mnmon mrmar msmay mtmlt
    mybur nanau nbnob ndnde nenep ngndo nldut nnnno nonor nrnbl nvnav nynya ococi ojoji omorm orori ososs papan
    pipli plpol pspus ptpor quque rmroh rnrun rorum rurus rwkin sasan scsrd sdsnd sesme sgsag sisin skslo slslv
    smsmo snsna sosom sqalb srsrp ssssw stsot susun svswe swswa tatam tetel tgtgk ththa titir tktuk tltgl tntsn
    toton trtur tstso tttat twtwi tytah uguig ukukr ururd uzuzb veven vivie vovol wawln wowol xhxho yiyid yoyor
    zazha zhchi zuzul
"""
_TRADE_LANGUAGES = {pair[:2]: pair[2:] for pair in _LANGUAGES.split()}
# Three letters without two of their own, as far as ONIX has them and shops sell them.
_LONG_LANGUAGES = frozenset({
    "ang", "arc", "ast", "egy", "enm", "fil", "frm", "fro", "gmh", "goh", "grc", "gsw", "haw", "mul", "nap", "nds",
    "non", "roa", "rom", "scn", "sco", "syr", "und", "yue",
})  # fmt: skip
_KNOWN = _LONG_LANGUAGES | frozenset(_TRADE_LANGUAGES.values())
# Where a shop keeps what a subject is of, by the first letters of Thema and of BIC, which was before it.
_THEMA = {
    "A": "The Arts", "C": "Language & Literature", "D": "Language & Literature", "DC": "Poetry & Plays",
    "DD": "Poetry & Plays", "DN": "Biography & Memoir", "F": "Fiction", "G": "Reference", "J": "Politics & Society",
    "JM": "Psychology", "K": "Business & Money", "L": "Law", "M": "Medicine", "N": "History", "P": "Science",
    "Q": "Religion & Philosophy", "R": "Nature", "S": "Sports & Games", "T": "Technology", "U": "Computing",
    "V": "Health & Life", "W": "Food & Home", "WH": "Humour", "WT": "Travel", "X": "Comics & Manga",
    "Y": "Children’s Books",
}  # fmt: skip
_BIC = _THEMA | {
    "B": "Biography & Memoir", "DN": "Language & Literature", "E": "Language & Literature", "FX": "Comics & Manga",
    "H": "History", "HP": "Religion & Philosophy", "HR": "Religion & Philosophy", "WS": "Sports & Games",
}  # fmt: skip
# And by the first three of BISAC.
_BISAC = {
    word: category
    for category, words in {
        "The Arts": "ANT ARC ART DES MUS PER PHO", "Language & Literature": "FOR LAN LIT LCO",
        "Poetry & Plays": "DRA POE", "Biography & Memoir": "BIO TRU", "Fiction": "FIC", "Reference": "REF STU",
        "Politics & Society": "EDU POL SOC", "Psychology": "PSY", "Business & Money": "BUS", "Law": "LAW",
        "Medicine": "MED", "History": "HIS", "Science": "MAT SCI", "Religion & Philosophy": "BIB OCC PHI REL",
        "Nature": "NAT PET", "Sports & Games": "GAM SPO", "Technology": "TEC TRA", "Computing": "COM",
        "Health & Life": "FAM HEA SEL", "Food & Home": "CKB CRA GAR HOM", "Travel": "TRV", "Comics & Manga": "CGN",
        "Children’s Books": "JNF JUV", "Young Adult": "YAF YAN", "Humour": "HUM",
    }.items()
    for word in words.split()
}  # fmt: skip
# By ONIX list 27, the one that says most first.
_SCHEMES = {"93": _THEMA, "12": _BIC, "10": _BISAC}
_LETTERS = (3, 2, 1)
_FORM_CODES = {words.casefold(): code for code, words in FORMS.items()}


def supply_words(status: str, availability: str) -> Availability | str:
    """Say what a publisher's status and a supplier's availability come to, the status first; "" where they say nothing.

    `AVAILABLE` is said of what can be had.
    """
    found = _STATUS_WORDS.get(status) or _SUPPLY_WORDS.get(availability)
    return found or (AVAILABLE if status == ACTIVE_STATUS or availability in _TO_BE_HAD else "")


def status_code(availability: Availability | str) -> str:
    """Give the publisher's status that says so."""
    return _STATUSES[Availability(availability)].split()[0]


def shop_category(subjects: Iterable[tuple[str, str]]) -> str:
    """Give the category that a shop keeps a title of these subjects in, scheme and code each; "" where none says.

    The first subject counts that its scheme knows, of Thema, else of BIC, else of BISAC.
    """
    told = list(subjects)
    for scheme, known in _SCHEMES.items():
        for given, code in told:
            if given == scheme and (found := next(filter(None, (known.get(code[:size]) for size in _LETTERS)), "")):
                return found
    return ""


def form_code(words: str | None) -> str:
    """Give a format's code of ONIX list 150; `UNDEFINED_FORM` where the list has none for these words."""
    return _FORM_CODES.get((words or "").casefold(), UNDEFINED_FORM)


def form_words(code: str, described: str = "") -> str:
    """Say a form in words; a description is taken where the code says nothing, or the same in other letters."""
    words = FORMS.get(code, "" if code == UNDEFINED_FORM else code)
    return described if described and (code not in FORMS or described.casefold() == words.casefold()) else words


def language_tag(code: str) -> str:
    """Give a trade code, with or without a country ("eng", "eng-US"), as the shop writes it: "en", "en-US"."""
    language, _, country = code.partition("-")
    short = get_global("language_aliases").get(language.lower(), "")
    return "-".join(part for part in (short if len(short) == 2 else language, country) if part)  # noqa: PLR2004


def table_form(text: str) -> str:
    """Give what a table calls a form as the shop writes it, a trade code or known words; others stay as they are."""
    code = text.upper()
    return FORMS.get(code if code in FORMS else _FORM_CODES.get(text.casefold(), ""), text)


def table_language(text: str) -> str:
    """Give what a table calls a language as the shop writes it: "ger", "deu" and "DE" as "de"; others stay.

    Of two letters only the case is told: an alias of theirs may be the shop's own word.
    """
    language, _, country = text.partition("-")
    if len(language) == len("ger"):
        return language_tag(text)
    short = language.lower()
    return "-".join(filter(None, (short, country))) if short in _TRADE_LANGUAGES else text


def language_codes(tag: str | None) -> tuple[str, str]:
    """Give the trade's codes for a language of the shop: ("eng", "US") for "en-US"; empty where there is none."""
    language, _, country = language_tag(tag or "").partition("-")
    language = language.lower()
    code = _TRADE_LANGUAGES.get(language) or (language if language in _KNOWN else "")
    known = len(country) == 2 and country.isascii() and country.isalpha()  # noqa: PLR2004 - ISO 3166-1
    return code, country.upper() if code and known else ""
