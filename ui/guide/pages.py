"""The guide's pages: the Markdown of docs/, as it lies beside the program, and what each paragraph is about."""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextImageFormat,
    QTextLength,
    QTextTable,
)

from ui.style.theme import font, px, tokens

# In the order in which they are shown. What is named here is packed into the wheel (pyproject.toml).
PAGES = {
    "user-guide/card.md": "The cashier's card",
    "user-guide/cashier.md": "For cashiers",
    "user-guide/customers.md": "Customers",
    "user-guide/orders.md": "Orders",
    "user-guide/manager.md": "For managers",
    "install.md": "Installing",
    "user-guide/it.md": "Looking after the tills",
    "user-guide/many-tills.md": "Many tills",
}
CARD = "user-guide/card.md"
# What is read first from where somebody is: a page of the guide, and of it what is called so.
HELP: dict[str, tuple[str, str]] = {
    "Set up": ("install.md", "The first start"),
    "Sign in": ("user-guide/cashier.md", "Sign in"),
    "Checkout": ("user-guide/cashier.md", "Sell"),
    "Inventory": ("user-guide/manager.md", "Find a book"),
    "Orders": ("user-guide/orders.md", ""),
    "Customers": ("user-guide/customers.md", ""),
    "Reports": ("user-guide/manager.md", "Reports"),
    "Settings": ("user-guide/manager.md", "Settings"),
}
_CASHIER, _MANAGER, _ORDERS = "user-guide/cashier.md", "user-guide/manager.md", "user-guide/orders.md"
# The same from a question, by its class or one that it is made of.
HELP_OF_QUESTIONS: dict[str, tuple[str, str]] = {
    "DiscountDialog": (_CASHIER, "Discount"),
    "PaymentDialog": (_CASHIER, "Part cash, part card"),
    "CardDialog": (_CASHIER, "Sell"),
    "RecallDialog": (_CASHIER, "Park"),
    "QuickKeysDialog": (_CASHIER, "No barcode"),
    "VoidDialog": (_CASHIER, "Books come back"),
    "CustomerDialog": (_CASHIER, "Customer"),
    "CashDialog": (_CASHIER, "More"),
    "JoinDialog": ("user-guide/customers.md", "The same person twice"),
    "DuplicatesDialog": ("user-guide/customers.md", "The same person twice"),
    "OrderDialog": (_ORDERS, "Placing one at the till"),
    "QuotesDialog": (_ORDERS, "Schools and libraries"),
    "RemindersDialog": (_ORDERS, "Schools and libraries"),
    "CloseShiftDialog": (_MANAGER, "Closing a shift"),
    "ApprovalDialog": (_MANAGER, "Your PIN"),
    "FiltersDialog": (_MANAGER, "Narrow the list"),
    "ViewsDialog": (_MANAGER, "Narrow the list"),
    "BulkDialog": (_MANAGER, "Change many titles"),
    "LeftSheet": (_MANAGER, "Change many titles"),
    "FieldsDialog": (_MANAGER, "Change a title"),
    "HistoryDialog": (_MANAGER, "Take it back"),
    "NewBookSheet": (_MANAGER, "New book"),
    "CategorySheet": (_MANAGER, "Categories"),
    "CorrectSheet": (_MANAGER, "Correct the stock"),
    "LedgerSheet": (_MANAGER, "Correct the stock"),
    "ImportSheet": (_MANAGER, "Bring books in"),
    "ExportDialog": (_MANAGER, "Export"),
    "LabelSheet": (_MANAGER, "Labels"),
    "DocumentsSheet": (_MANAGER, "Reports"),
    "StockSheet": (_MANAGER, "Stock"),
    "TitleChooser": (_MANAGER, "Stock"),
    "RefusedSheet": (_MANAGER, "Stock"),
    "WriteOffDialog": (_MANAGER, "Stock"),
    "EndDialog": ("user-guide/it.md", "A till that shows nothing else"),
}
# A picture of the guide's own window is for whoever reads elsewhere: it is left out here, and no package carries it.
ITSELF = "guide-light-1366x768.png"
_OF_ITSELF = re.compile(rf"!\[[^\]]*\]\([^)]*/{ITSELF}\)\n*")
BODY_PX, PICTURE_PX = 15, 720
LINE_PER_CENT = 125
# How much larger a heading is than the text, by its level.
LARGER_PX = (9, 4, 1)
Face = Callable[[int, QFont.Weight], QFont]
# A paragraph that begins so is about a key, not about a matter that somebody looks for.
_KEY = re.compile(r"^((Ctrl|Alt|Shift)\+.+|F\d+)$")


@dataclass(frozen=True)
class Topic:
    """What a paragraph and those after it are about; `text` is folded, for the search."""

    page: str
    title: str
    block: int
    text: str


@dataclass(frozen=True)
class GuidePage:
    """One page: its name is its path in docs/."""

    name: str
    title: str
    document: QTextDocument
    topics: tuple[Topic, ...]


def folder() -> Path:
    """Give where the guide lies: packed beside this module, or docs/ of the clone that the program runs from."""
    packed = Path(str(resources.files("ui.guide"))) / "docs"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "docs"


def read_pages(named: Callable[[str], str] = str) -> list[GuidePage]:
    """Read every page; `named` puts the keys in force in the place of the usual ones, on the cashier's card."""
    return [read_page(name, named) for name in PAGES]


async def read_guide(named: Callable[[str], str] = str) -> list[GuidePage]:
    """Read every page for the screen, with its pictures; between them the window does what else it has to do."""
    found = []
    for name in PAGES:
        page = read_page(name, named)
        for picture in _pictures(page.document):
            where = page.document.baseUrl().resolved(QUrl(picture))
            # Read as the page is laid out, four of them would stop the window for longer than anybody types.
            drawn = await asyncio.to_thread(_drawn, where.toLocalFile(), px(PICTURE_PX))
            page.document.addResource(QTextDocument.ResourceType.ImageResource.value, where, drawn)
        found.append(page)
        await asyncio.sleep(0)
    return found


def _drawn(path: str, wide: int) -> QImage:
    return QImage(path).scaledToWidth(wide, Qt.TransformationMode.SmoothTransformation)


def _pictures(document: QTextDocument) -> list[str]:
    forms = (form for block in blocks_of(document) for _, _, form in _fragments(block))
    return [form.toImageFormat().name() for form in forms if form.isImageFormat()]


def read_page(
    name: str, named: Callable[[str], str] = str, *, face: Face = font, body: int = BODY_PX, wide: int = PICTURE_PX
) -> GuidePage:
    """Read one page, in the colours in use; `body` is the size of its text, `wide` that of its pictures."""
    file = folder() / name
    text = file.read_text("utf-8")
    if name == CARD:
        text = named(text)
    text = _OF_ITSELF.sub("", text)
    if tokens().dark:
        text = _dark_pictures(text, file.parent)
    document = QTextDocument()
    document.setDefaultFont(face(body, QFont.Weight.Normal))
    document.setDocumentMargin(24)
    document.setBaseUrl(QUrl.fromLocalFile(str(file)))
    document.setMarkdown(text, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
    _dress(document, face, body, px(wide))
    return GuidePage(name, PAGES[name], document, tuple(_topics(name, document)))


def _dark_pictures(text: str, beside: Path) -> str:
    """Show the pictures of the dark look, where there are such."""

    def dark(found: re.Match[str]) -> str:
        other = found[0].replace("-light-", "-dark-")
        return other if (beside / other).is_file() else found[0]

    return re.sub(r"[\w./-]+-light-[\w-]+\.png", dark, text)


# How it looks


def blocks_of(document: QTextDocument) -> Iterator[QTextBlock]:
    """Each paragraph, heading and cell."""
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _dress(document: QTextDocument, face: Face, body: int, wide: int) -> None:
    """Give headings, code, tables and pictures the sizes and colours of the house: Markdown says none."""
    for block in list(blocks_of(document)):
        cursor = QTextCursor(block)
        if level := block.blockFormat().headingLevel():
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            larger = QTextCharFormat()
            larger.setFont(face(body + LARGER_PX[min(level, len(LARGER_PX)) - 1], QFont.Weight.DemiBold))
            cursor.mergeCharFormat(larger)
        for start, length, form in _fragments(block):
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            if form.isAnchor():
                link = QTextCharFormat()
                link.setForeground(QBrush(QColor(tokens().info)))
                cursor.mergeCharFormat(link)
            if form.fontFixedPitch():
                code = QTextCharFormat()
                code.setBackground(QBrush(QColor(tokens().surface_2)))
                smaller = face(body - 2, QFont.Weight.Normal).pixelSize()
                code.setProperty(QTextCharFormat.Property.FontPixelSize, smaller)
                cursor.mergeCharFormat(code)
        _space(block)
    fit_pictures(document, wide)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame, px(body) / 3)


def fit_pictures(document: QTextDocument, wide: int) -> None:
    """Show every picture so wide."""
    changed = False
    for block in blocks_of(document):
        for start, length, form in _fragments(block):
            if form.isImageFormat() and form.toImageFormat().width() != wide:
                picture = QTextImageFormat(form.toImageFormat())
                picture.setWidth(wide)
                cursor = QTextCursor(block)
                cursor.setPosition(start)
                cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
                cursor.setCharFormat(picture)
                changed = True
    if changed:
        # Changed half laid out, as a long page is when it is shown, Qt leaves paragraphs behind without their lines.
        document.markContentsDirty(0, document.characterCount())


def _space(block: QTextBlock) -> None:
    """Give a block the room around it that Markdown leaves to whoever shows it; long lines of code are broken too."""
    cursor, spaced = QTextCursor(block), QTextBlockFormat()
    spaced.setNonBreakableLines(False)
    if block.blockFormat().headingLevel():
        spaced.setTopMargin(px(14))
        spaced.setBottomMargin(px(8))
    elif _is_code(block):
        spaced.setBottomMargin(0 if _is_code(block.next()) else px(10))
        spaced.setBackground(QBrush(QColor(tokens().surface_2)))
    elif _table(block) is None:
        if not any(form.isImageFormat() for _, _, form in _fragments(block)):
            spaced.setLineHeight(LINE_PER_CENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        spaced.setBottomMargin(px(4 if block.textList() is not None else 10))
    cursor.mergeBlockFormat(spaced)


def _dress_table(table: QTextTable, padding: float) -> None:
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderCollapse(True)
    shape.setBorderBrush(QBrush(QColor(tokens().line)))
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setCellPadding(padding)
    shape.setTopMargin(6)
    shape.setBottomMargin(12)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(shape)


def _is_code(block: QTextBlock) -> bool:
    return block.isValid() and block.blockFormat().hasProperty(QTextBlockFormat.Property.BlockCodeFence)


def _table(block: QTextBlock) -> QTextTable | None:
    return QTextCursor(block).currentTable()


def _fragments(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    """Where each piece of one look begins, its length, and its look."""
    found, iterator = [], block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        found.append((fragment.position(), fragment.length(), fragment.charFormat()))
        iterator += 1
    return found


# What it is about


def _topics(name: str, document: QTextDocument) -> Iterator[Topic]:
    """Headings, and paragraphs that begin in bold with what they are about."""
    blocks = list(blocks_of(document))
    titles = ((_title(block), block.blockNumber()) for block in blocks[1:])
    begins = [(PAGES[name], 0), *((title, start) for title, start in titles if title)]
    ends = [start for _, start in begins[1:]] + [len(blocks)]
    for (title, start), end in zip(begins, ends, strict=True):
        yield Topic(name, title, start, folded(" ".join(block.text() for block in blocks[start:end])))


def _title(block: QTextBlock) -> str:
    """What a block begins to be about; empty where it goes on."""
    if block.blockFormat().headingLevel():
        return block.text()
    if block.textList() is not None or _table(block) is not None:
        return ""
    pieces = _fragments(block)
    if not pieces or pieces[0][2].fontWeight() < QFont.Weight.Bold:
        return ""
    start = pieces[0][0] - block.position()
    title = block.text()[start : start + pieces[0][1]].strip(" .:?")
    return "" if _KEY.match(title) else title


def folded(text: str) -> str:
    """Text as the search compares it: small letters without accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def find_topics(pages: Sequence[GuidePage], words: str) -> list[Topic]:
    """Give the topics in which every word stands; those that are called so come first."""
    wanted = folded(words).split()
    found = [topic for page in pages for topic in page.topics if all(word in topic.text for word in wanted)]
    return sorted(found, key=lambda topic: not all(word in folded(topic.title) for word in wanted))


def place_of(pages: Sequence[GuidePage], link: str, from_page: str) -> Topic | None:
    """Give where a link of a page leads within the guide; None where it leads out of it."""
    target, _, anchor = link.partition("#")
    name = from_page
    if target:
        parts: list[str] = []
        for part in (PurePosixPath(from_page).parent / target).parts:
            if part == "..":
                parts[-1:] = []
            else:
                parts.append(part)
        name = "/".join(parts)
    page = next((one for one in pages if one.name == name), None)
    if page is None:
        return None
    if not anchor:
        return page.topics[0]
    return next((topic for topic in page.topics if slug(topic.title) == anchor), None)


def slug(title: str) -> str:
    """A heading's name in links, as the places that show Markdown make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
