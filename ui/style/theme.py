"""The look of the whole application: Fusion, one palette and one style sheet, both made from the tokens."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import resources
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from ui.style.tokens import CONTRAST, DARK, LIGHT, RADIUS_CONTROL, RADIUS_PANEL, Tokens

BODY_PX = 14
WIDEST = 980


class _Theme:
    """What is shown now; painting code asks for it at every paint, so that a change needs no rebuilding."""

    tokens: Tokens = LIGHT
    scale: float = 1.0
    choice: str = "light"
    follows: bool = False


def tokens() -> Tokens:
    """Give the colours in use."""
    return _Theme.tokens


# A style sheet takes pictures as files only.
_TICK = (Path(__file__).parent / "icons" / "check.svg").as_posix()
LIGHT_ENOUGH = 110


def px(size: int) -> int:
    """Give a text size in pixels, at the text scale in use."""
    return round(size * _Theme.scale)


def fit(width: int) -> int:
    """Give a dialog's width at the text scale in use, but never wider than the smallest screen."""
    return min(px(width), WIDEST)


def font(size: int = BODY_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Give the shop's font at a size of the design, with figures of equal width."""
    return QFont(sized(px(size), weight))


@lru_cache(maxsize=64)
def sized(pixels: int, weight: QFont.Weight) -> QFont:
    """Give the shop's font at a size in pixels, made once for whoever draws and does not change it."""
    made = QFont("Inter")
    made.setPixelSize(pixels)
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def print_font() -> QFont:
    """Give the font of what is written as PDF: signs in another form are read out of a file as private ones, or none."""
    made = QFont()
    made.unsetFeature(QFont.Tag("tnum"))
    made.setFeature(QFont.Tag("calt"), 0)
    return made


@contextmanager
def on_paper() -> Iterator[None]:
    """Have what is drawn meanwhile drawn for white paper, whatever the screen looks like."""
    before = _Theme.tokens, _Theme.scale
    _Theme.tokens, _Theme.scale = LIGHT, 1.0
    try:
        yield
    finally:
        _Theme.tokens, _Theme.scale = before


def apply(app: QApplication, choice: str, text_scale: int = 100) -> None:
    """Dress the application: `choice` is light, dark, contrast or system; `text_scale` is in per cent."""
    _load_fonts()
    if not _Theme.follows:
        _Theme.follows = True
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(lambda _: _dress(app))
    _Theme.choice, _Theme.scale = choice, text_scale / 100
    _dress(app)


def in_use() -> tuple[str, int]:
    """Give the choice of colours and the text scale in per cent."""
    return _Theme.choice, round(_Theme.scale * 100)


def _dress(app: QApplication) -> None:
    chosen = {"dark": DARK, "contrast": CONTRAST}.get(_Theme.choice, LIGHT)
    if _Theme.choice == "system" and app.styleHints().colorScheme() is Qt.ColorScheme.Dark:
        chosen = DARK
    _Theme.tokens = chosen
    app.setFont(font())
    app.setPalette(_palette(chosen))
    app.setStyleSheet(_sheet(chosen))


def _load_fonts() -> None:
    if "Inter" in QFontDatabase.families():
        return
    folder = resources.files("ui.style") / "fonts"
    for weight in ("Regular", "Medium", "SemiBold", "Bold"):
        QFontDatabase.addApplicationFontFromData((folder / f"Inter-{weight}.otf").read_bytes())


def _palette(t: Tokens) -> QPalette:
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, colour in {
        roles.Window: t.canvas,
        roles.WindowText: t.ink,
        roles.Base: t.surface,
        roles.AlternateBase: t.surface_2,
        roles.Text: t.ink,
        roles.Button: t.surface,
        roles.ButtonText: t.ink,
        roles.Highlight: t.accent_soft,
        roles.HighlightedText: t.ink,
        roles.PlaceholderText: t.ink_3,
        roles.ToolTipBase: t.surface_2,
        roles.ToolTipText: t.ink,
        roles.Accent: t.accent,
        roles.Link: t.info,
        roles.Mid: t.line,
        roles.Dark: t.line_strong,
    }.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(t.ink_3))
    return palette


def _sheet(t: Tokens) -> str:
    return f"""
* {{ outline: 0; }}
QToolTip {{ background: {t.surface_2}; color: {t.ink}; border: 1px solid {t.line_strong}; padding: 4px; }}
QWidget[role="panel"] {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: {RADIUS_PANEL}px; }}
QWidget[role="rail"] {{ background: {t.surface}; border: 0; border-right: 1px solid {t.line}; }}
QWidget[role="top"] {{ background: {t.surface}; border: 0; border-bottom: 1px solid {t.line}; }}
QWidget[role="foot"] {{ background: {t.surface}; border: 0; border-top: 1px solid {t.line}; }}
QWidget[role="aside"] {{ background: {t.surface}; border: 0; border-left: 1px solid {t.line}; }}
QWidget[role="brand"] {{ background: {LIGHT.accent}; border-top-left-radius: 14px; border-bottom-left-radius: 14px; }}
QWidget[role="card"] {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 14px; }}
QWidget[role="edge"] {{ background: transparent; border: 2px solid {t.ink_3}; }}
QWidget[role="change-box"] {{ background: {t.accent_soft}; border: 0; border-radius: {RADIUS_PANEL}px; }}
QWidget[role="change-box"] QLabel {{ color: {t.accent}; }}
QWidget[role="difference"] {{ background: {t.warn_soft}; border: 0; border-radius: {RADIUS_PANEL}px; }}
QWidget[role="difference"] QLabel {{ color: {t.warn}; }}
QWidget[role="difference"][kind="ok"] {{ background: {t.accent_soft}; }}
QWidget[role="difference"][kind="ok"] QLabel {{ color: {t.accent}; }}
QWidget[role="separator"] {{ background: {t.line}; border: 0; }}
QWidget[role="brand"] QLabel {{ color: #FFFFFF; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; }}
QLabel {{ background: transparent; color: {t.ink}; }}
QLabel[role="title"] {{ font-size: {px(16)}px; font-weight: 600; }}
QLabel[role="section"] {{ font-size: {px(14)}px; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: {px(18)}px; font-weight: 600; }}
QLabel[role="due"] {{ font-size: {px(28)}px; font-weight: 700; }}
QLabel[role="due"][kind="ok"] {{ color: {t.accent}; }}
QLabel[role="muted"] {{ color: {t.ink_2}; font-size: {px(13)}px; }}
QLabel[role="small"] {{ color: {t.ink_2}; font-size: {px(12)}px; }}
QLabel[role="sum"] {{ color: {t.ink_2}; font-size: {px(15)}px; }}
QLabel[role="figure"] {{ font-size: {px(15)}px; }}
QLabel[role="saving"] {{ color: {t.accent}; font-size: {px(15)}px; }}
QLabel[role="total"] {{ font-size: {px(46)}px; font-weight: 700; }}
QLabel[role="change"] {{ color: {t.accent}; font-size: {px(56)}px; font-weight: 700; }}
QLabel[role="error"] {{ color: {t.danger}; }}
QLabel[role="message"] {{ border-radius: {RADIUS_CONTROL}px; font-weight: 500; }}
QLabel[role="message"][kind="ok"] {{ background: {t.accent_soft}; color: {t.accent}; }}
QLabel[role="message"][kind="warn"] {{ background: {t.warn_soft}; color: {t.warn}; }}
QLabel[role="message"][kind="bad"] {{ background: {t.danger_soft}; color: {t.danger}; }}
QLabel[role="message"][kind="none"] {{ background: transparent; color: {t.ink_2}; }}
QLabel[role="pill"] {{ border-radius: {px(9)}px; padding: {px(3)}px 10px; font-size: {px(12)}px; font-weight: 500; }}
QLabel[role="pill"][kind="ok"] {{ background: {t.accent_soft}; color: {t.accent}; }}
QLabel[role="pill"][kind="warn"] {{ background: {t.warn_soft}; color: {t.warn}; }}
QLabel[role="pill"][kind="bad"] {{ background: {t.danger_soft}; color: {t.danger}; }}
QLabel[role="pill"][kind="info"] {{ background: {t.info_soft}; color: {t.info}; }}
QLabel[role="pill"][kind="off"] {{ background: {t.surface_2}; color: {t.ink_2}; border: 1px solid {t.line}; }}
QLabel[role="logo"] {{ background: {t.accent}; color: {t.accent_ink}; border-radius: 9px; font-weight: 700; }}
QPushButton, QToolButton {{
  background: {t.surface}; color: {t.ink}; border: 1px solid {t.line_strong}; border-radius: {RADIUS_CONTROL}px;
  padding: 0 14px; min-height: 38px; font-weight: 500;
}}
QPushButton:hover, QToolButton:hover {{ background: {t.surface_2}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {t.line}; }}
QPushButton:focus, QToolButton:focus {{ border: 2px solid {t.focus}; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {t.ink_3}; border-color: {t.line}; background: {t.surface_2}; }}
QPushButton:disabled {{ color: {t.ink_3}; border-color: {t.line}; background: {t.surface_2}; }}
QPushButton[tall="big"] {{ min-height: 54px; border-radius: {RADIUS_PANEL}px; }}
QPushButton[tall="pay"] {{ min-height: 66px; border-radius: {RADIUS_PANEL}px; }}
QPushButton[tall="quick"] {{ min-height: 46px; padding: 0 4px; }}
QPushButton[tall="name"] {{ min-height: 48px; }}
QPushButton[tall="key"] {{ min-height: 40px; }}
QPushButton[role="primary"], QPushButton[role="chip"]:checked {{
  background: {t.accent}; color: {t.accent_ink}; border-color: {t.accent};
}}
QPushButton[role="primary"]:hover {{ background: {t.accent}; }}
QPushButton[role="primary"]:disabled {{ background: {t.surface_2}; color: {t.ink_3}; border-color: {t.line}; }}
QPushButton[role="primary"]:focus, QPushButton[role="chip"]:checked:focus {{ border: 2px solid {t.focus}; }}
QPushButton[role="danger"] {{ color: {t.danger}; }}
QPushButton[role="quiet"] {{ border: 1px solid transparent; background: transparent; padding: 0 6px; min-height: 26px; }}
QPushButton[role="quiet"]:focus {{ border: 2px solid {t.focus}; }}
QPushButton[role="filter"] {{ background: {t.accent_soft}; border: 1px solid {t.accent}; padding: 0 10px; }}
QPushButton[role="filter"]:hover {{ background: {t.surface}; }}
QPushButton[role="filter"]:focus {{ border: 2px solid {t.focus}; }}
QPushButton[role="rail"] {{
  border: 2px solid transparent; border-radius: {RADIUS_PANEL}px; padding: 0; background: transparent; min-height: 54px;
}}
QPushButton[role="rail"]:checked {{ background: {t.accent_soft}; }}
QPushButton[role="rail"]:focus {{ border: 2px solid {t.focus}; }}
QLineEdit, QComboBox, QTextEdit, QPlainTextEdit {{
  background: {t.surface}; color: {t.ink}; border: 1px solid {t.line_strong}; border-radius: {RADIUS_CONTROL}px;
  padding: 0 12px; min-height: 34px; selection-background-color: {t.accent}; selection-color: {t.accent_ink};
}}
QLineEdit:focus, QComboBox:focus, QTextEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {t.focus}; padding: 0 11px; }}
QLineEdit[role="entry"] {{
  min-height: 48px; border: 2px solid {t.line_strong}; border-radius: {RADIUS_PANEL}px; font-size: {px(18)}px;
  padding: 0 {px(56)}px 0 {px(24) + 26}px;
}}
QLineEdit[role="entry"]:focus {{ border: 2px solid {t.focus}; }}
QLineEdit[role="search"] {{
  min-height: 36px; border: 2px solid {t.line_strong}; border-radius: {RADIUS_PANEL}px; padding: 0 12px 0 {px(20) + 24}px;
}}
QLineEdit[role="search"]:focus {{ border: 2px solid {t.focus}; }}
QLineEdit[role="pin"] {{ min-height: 48px; border-radius: {RADIUS_PANEL}px; font-size: {px(22)}px; }}
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"] {{ border-color: {t.danger}; }}
QLineEdit:read-only {{ background: {t.surface_2}; color: {t.ink_2}; border-color: {t.line}; }}
QComboBox {{ padding-right: 0; }}
QComboBox:focus {{ padding-right: 0; }}
QComboBox::drop-down {{ border: 0; width: 26px; }}
QComboBox QAbstractItemView {{ background: {t.surface}; color: {t.ink}; border: 1px solid {t.line_strong}; }}
QTableView, QListView, QTreeView {{
  background: {t.surface}; border: 2px solid transparent; gridline-color: {t.line}; selection-background-color: {t.accent_soft};
  selection-color: {t.ink}; border-radius: {RADIUS_PANEL}px;
}}
QTableView:focus, QListView:focus, QTreeView:focus {{ border: 2px solid {t.focus}; }}
QTreeView::item {{ min-height: {px(30)}px; }}
QTableView[role="chart"] {{ border: 2px solid transparent; border-radius: {RADIUS_CONTROL}px; background: transparent; }}
QTableView[role="chart"]:focus {{ border: 2px solid {t.focus}; }}
QListView[role="offered"] {{ border: 1px solid {t.line_strong}; }}
QListView[role="offered"]::item {{ min-height: {px(30)}px; padding: 0 8px; }}
QListView[role="results"], QTreeView[role="results"] {{ border: 1px solid {t.line_strong}; }}
QHeaderView {{ background: {t.surface}; border: 0; border-radius: {RADIUS_PANEL}px; }}
QHeaderView::section {{
  background: {t.surface}; color: {t.ink_2}; border: 0; border-bottom: 1px solid {t.line}; padding: 0 12px;
  font-size: {px(12)}px; font-weight: 500;
}}
QHeaderView[role="close"]::section {{ padding: 0 8px; }}
QProgressBar {{ background: {t.line}; border: 0; border-radius: 3px; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
QProgressBar[role="thin"] {{ max-height: 3px; min-height: 3px; border-radius: 0; background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
QScrollBar::handle:vertical {{ background: {t.line_strong}; border-radius: 4px; min-height: 32px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 2px; }}
QScrollBar::handle:horizontal {{ background: {t.line_strong}; border-radius: 4px; min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QScrollArea, QWidget[role="clear"] {{ background: transparent; border: 0; }}
QScrollArea[role="section"] {{ border: 2px solid transparent; border-radius: {RADIUS_CONTROL}px; }}
QScrollArea[role="section"]:focus {{ border: 2px solid {t.focus}; }}
QDialog {{ background: {t.surface}; }}
QPlainTextEdit[role="receipt"] {{ font-family: "DejaVu Sans Mono", "Consolas", monospace; font-size: {px(13)}px; padding: 12px;
  min-width: 400px; min-height: 440px; }}
QCheckBox {{ spacing: 8px; color: {t.ink}; }}
QCheckBox::indicator {{ width: {px(14)}px; height: {px(14)}px; border: 1px solid {t.line_strong}; border-radius: 4px;
  background: {t.surface}; }}
QCheckBox::indicator:checked {{ background: {_ticked(t)}; border-color: {t.accent}; image: url({_TICK}); }}
QCheckBox::indicator:focus {{ border: 2px solid {t.accent}; }}
"""


def _ticked(t: Tokens) -> str:
    """What a black tick is seen on."""
    return t.accent if QColor(t.accent).lightness() >= LIGHT_ENOUGH else "#ffffff"
