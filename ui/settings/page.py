"""Settings: sections at the left, what is set in the middle. Changes are kept as they are made."""

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

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
from ui.settings.tenders import TendersSection
from ui.style.theme import px
from ui.widgets.basic import label, panel
from ui.widgets.key_button import KeyButton

SECTIONS: tuple[type[Section], ...] = (
    ShopSection,
    TendersSection,
    PromotionsSection,
    QuickKeysSection,
    RightsSection,
    LookSection,
    KeysSection,
    DevicesSection,
    BackupsSection,
)


class SettingsPage(Page):
    """One section at a time; Ctrl+Z takes changes back, the last first."""

    title = "Settings"

    def __init__(self, context: Context) -> None:
        """Lay the sections out; each is read when it is shown."""
        super().__init__(context)
        self._undo: list[Undo] = []
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        side = panel("aside")
        side.setFixedWidth(px(220))
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 16, 12, 16)
        column.setSpacing(4)
        self._stack = QStackedWidget()
        self._buttons: list[KeyButton] = []
        self.sections = [make(context, self.tasks) for make in SECTIONS]
        for place, section in enumerate(self.sections):
            button = KeyButton(section.title, f"Alt {place + 1}", role="chip", name=f"Section {section.title}")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, place=place: self.show_section(place))
            shortcut(self, f"Alt+{place + 1}", partial(self.show_section, place, start=True))
            column.addWidget(button)
            self._buttons.append(button)
            section.changed.connect(self._undo.append)
            self._stack.addWidget(section)
        column.addStretch(1)
        across.addWidget(side)
        across.addWidget(self._stack, 1)
        self._undo_button = KeyButton("Undo", "Ctrl Z", role="quiet")
        self._undo_button.clicked.connect(self.undo)
        shortcut(self, "Ctrl+Z", self.undo)

    def foot_widgets(self) -> list[QWidget]:
        """How changes are kept."""
        return [label("Changes are kept as they are made", "small"), self._undo_button]

    def activated(self) -> None:
        """Read the section shown."""
        self.show_section(max(self._stack.currentIndex(), 0))

    def show_section(self, place: int, *, start: bool = False) -> None:
        """Turn to a section, and to where work starts in it where asked."""
        section = self.sections[place]
        self._stack.setCurrentWidget(section)
        for at, button in enumerate(self._buttons):
            button.setChecked(at == place)
        self._buttons[place].setFocus()
        self.show_subtitle(section.title)
        section.start(self._read(place, start=start))

    async def _read(self, place: int, *, start: bool) -> None:
        await self.sections[place].load()
        # Only now: the reading may make the fields anew, and somebody may have gone elsewhere meanwhile.
        if start and self._buttons[place].hasFocus():
            self.sections[place].focus_home()

    def turn_to(self, part: str) -> None:
        """Show a section by its title."""
        self.show_section(next(place for place, section in enumerate(self.sections) if section.title == part))

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
        return self.sections[self._stack.currentIndex()]
