"""Settings: sections at the left, what is set in the middle. Changes are kept as they are made."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ui.actions import shortcut
from ui.context import Context
from ui.page import Page
from ui.settings.backups import BackupsSection
from ui.settings.devices import DevicesSection
from ui.settings.keys import KeysSection
from ui.settings.look import LookSection
from ui.settings.promotions import PromotionsSection
from ui.settings.quick_keys import QuickKeysSection
from ui.settings.rights import RightsSection
from ui.settings.section import Section, Undo
from ui.settings.shop import ShopSection
from ui.settings.status import StatusSection
from ui.settings.taxes import TaxesSection
from ui.settings.tenders import TendersSection
from ui.settings.tills import TillsSection
from ui.style.theme import px
from ui.widgets.basic import label, panel
from ui.widgets.key_button import KeyButton

SECTIONS: tuple[type[Section], ...] = (
    ShopSection,
    TaxesSection,
    TendersSection,
    PromotionsSection,
    QuickKeysSection,
    RightsSection,
    LookSection,
    KeysSection,
    DevicesSection,
    BackupsSection,
    TillsSection,
    StatusSection,
)
# One a section: the keys of one row, and of a word.
KEYS = "1234567890-S"


class SettingsPage(Page):
    """One section at a time; Ctrl+Z takes changes back, the last first."""

    title = "Settings"

    def __init__(self, context: Context) -> None:
        """Lay the sections' buttons out; each is made when it is first shown, and read whenever it is."""
        super().__init__(context)
        self._undo: list[Undo] = []
        self._place = 0
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        side = panel("aside")
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 16, 12, 16)
        column.setSpacing(4)
        self._stack = QStackedWidget()
        self._buttons: list[KeyButton] = []
        # Those turned to so far, by their titles.
        self.sections: dict[str, Section] = {}
        for place, (make, key) in enumerate(zip(SECTIONS, KEYS, strict=True)):
            button = KeyButton(make.title, f"Alt {key}", role="chip", name=f"Section {make.title}")
            button.setCheckable(True)
            # Beside a scroll bar a button gives way: its key before its words.
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, place=place: self.show_section(place))
            shortcut(self, f"Alt+{key}", partial(self.show_section, place, start=True))
            column.addWidget(button)
            self._buttons.append(button)
        column.addStretch(1)
        # A window of the least height has no room for all of them.
        self._side = QScrollArea()
        self._side.setFrameShape(QScrollArea.Shape.NoFrame)
        self._side.setWidgetResizable(True)
        self._side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._side.setFixedWidth(px(220))
        self._side.setWidget(side)
        across.addWidget(self._side)
        across.addWidget(self._stack, 1)
        self._undo_button = KeyButton("Undo", "Ctrl Z", role="quiet")
        self._undo_button.clicked.connect(self.undo)
        shortcut(self, "Ctrl+Z", self.undo)

    def foot_widgets(self) -> list[QWidget]:
        """How changes are kept."""
        return [label("Changes are kept as they are made", "small"), self._undo_button]

    def activated(self) -> None:
        """Read the section shown."""
        self.show_section(self._place)

    def show_section(self, place: int, *, start: bool = False) -> None:
        """Turn to a section, and to where work starts in it where asked."""
        section, self._place = self._section(place), place
        self._stack.setCurrentWidget(section)
        for at, button in enumerate(self._buttons):
            button.setChecked(at == place)
        self._buttons[place].setFocus()
        self._side.ensureWidgetVisible(self._buttons[place], 0, 16)
        self.show_subtitle(section.title)
        section.start(self._read(section, self._buttons[place], start=start))

    def _section(self, place: int) -> Section:
        """A section, made when it is first turned to: most people change one thing."""
        make = SECTIONS[place]
        if make.title not in self.sections:
            section = self.sections[make.title] = make(self.context, self.tasks)
            section.changed.connect(self._undo.append)
            self._stack.addWidget(section)
        return self.sections[make.title]

    async def _read(self, section: Section, button: KeyButton, *, start: bool) -> None:
        await section.load()
        # Only now: the reading may make the fields anew, and somebody may have gone elsewhere meanwhile.
        if start and button.hasFocus():
            section.focus_home()

    def turn_to(self, part: str) -> None:
        """Show a section by its title."""
        self.show_section(next(place for place, make in enumerate(SECTIONS) if make.title == part))

    def undo(self) -> None:
        """Take the last change back."""
        if not self._undo:
            self._shown.message.say("There is nothing to undo.", "none")
            return
        self._shown.start(self._take_back(self._undo.pop()))

    async def _take_back(self, undo: Undo) -> None:
        await undo()
        self._shown.message.say("Undone.", "none")

    @property
    def _shown(self) -> Section:
        return self._section(self._place)
