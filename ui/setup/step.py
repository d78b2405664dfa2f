"""What every step of a first start has, and what is answered so far: nothing is stored before the last step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from pos_app.config import Config
from pos_app.domain.shop import ShopSettings
from pos_app.errors import PosError, Refused
from pos_app.first_start import Plan, Standing
from pos_app.server_address import ServerAddress
from pos_app.services.first_start import FirstStart
from ui.actions import shortcut
from ui.files import ask_file
from ui.tasks import Tasks
from ui.widgets.basic import caption, label
from ui.widgets.key_button import KeyButton


class Place(Enum):
    """Where the shop is to be, or is."""

    NEW = "This computer alone: a new shop"
    COPY = "This computer alone: a shop from a copy"
    SHARED = "A database that several tills share"


@dataclass
class Answers:
    """Everything answered so far. `asks_place` is false where an address was given to the program."""

    config: Config
    asks_place: bool = True
    # Whether what keeps a shop from opening is mended: where it lies is known.
    mends: bool = False
    place: Place = Place.NEW
    backup: Path | None = None
    server: ServerAddress = field(default_factory=ServerAddress)
    standing: Standing | None = None
    settings: ShopSettings = field(default_factory=lambda: ShopSettings(shop_name=""))
    tax_name: str = ""
    tax_rate: Decimal = Decimal(0)
    admin_name: str = ""
    admin_pin: str = ""
    till_name: str = ""
    # Asked for where the number turns out to be another machine's.
    till_asked: bool = False
    catalogue: Path | None = None

    @property
    def is_new(self) -> bool:
        """Whether a shop is to be made from answers."""
        if not self.asks_place or self.place is Place.NEW:
            return True
        return self.place is Place.SHARED and (self.standing is None or self.standing.shop is None)

    @property
    def joins(self) -> bool:
        """Whether this machine becomes another till of a shop that is there."""
        return self.asks_place and self.place is Place.SHARED and not self.is_new

    def plan(self) -> Plan:
        """What is to be carried out."""
        shared, copy = self.asks_place and self.place is Place.SHARED, self.asks_place and self.place is Place.COPY
        answers = FirstStart(self.settings, self.tax_name, self.tax_rate, self.admin_name, self.admin_pin)
        return Plan(
            self.config,
            self.server if shared else None,
            answers if self.is_new else None,
            self.backup if copy else None,
            self.till_name if self.joins or self.till_asked else "",
        )


Say = Callable[[str, str], None]


class Step(QWidget):
    """One step; `say` tells something below it, with its kind, and `tasks` are the page's."""

    # Nothing is left to be done here: on with it.
    done = Signal()
    title = ""
    about = ""
    go = "Next"

    def __init__(self, answers: Answers, tasks: Tasks, say: Say) -> None:
        """Take what is answered so far."""
        super().__init__()
        self.answers, self.tasks, self.say = answers, tasks, say
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 4, 0)
        self.column.setSpacing(10)

    def wanted(self) -> bool:
        """Whether it is asked, after what was answered before."""
        return True

    def entered(self) -> None:
        """It is shown: show what was answered before."""

    def home(self) -> QWidget | None:
        """Where typing starts; None where nothing has to be typed."""
        return None

    def left(self) -> None:
        """It is shown no longer."""

    async def keep(self) -> None:
        """Check what was typed and keep it in the answers. Raises what will not do, with the focus there."""

    def fields(self, rows: Sequence[Sequence[tuple[str, QWidget]]]) -> None:
        """Lay captioned fields out in rows of two; one alone takes the whole row."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        for row, pair in enumerate(rows):
            for column, (text, widget) in enumerate(pair):
                span = 1 if len(pair) > 1 else 2
                grid.addWidget(caption(text), 3 * row, column, 1, span)
                widget.setAccessibleName(text)
                grid.addWidget(widget, 3 * row + 1, column, 1, span)
            grid.setRowMinimumHeight(3 * row + 2, 4)
        self.column.addLayout(grid)

    def hint(self, text: str = "") -> QLabel:
        """Add a sentence that explains."""
        made = label(text, "small")
        made.setWordWrap(True)
        made.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(made)
        return made


def refused_at(field: QLineEdit, error: PosError) -> PosError:
    """Put the focus where the error is, and give it to be raised."""
    field.setFocus()
    field.selectAll()
    return error


class FileField(QWidget):
    """A file's path: typed, or chosen with F4."""

    def __init__(self, name: str, kinds: str, tasks: Tasks) -> None:
        """Take what is asked for, and the kinds of files as Qt names them."""
        super().__init__()
        self._kinds, self._name = kinds, name
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        self.field = QLineEdit()
        self.field.setAccessibleName(name)
        self.field.setPlaceholderText("its path, or F4 to choose it")
        self._button = KeyButton("Choose…", "F4", name=f"Choose {name.lower()}")
        self._button.clicked.connect(lambda: tasks.start(self._choose(), key="choose"))
        shortcut(self, "F4", self._button.click, within=False)
        across.addWidget(self.field, 1)
        across.addWidget(self._button)
        self.setFocusProxy(self.field)

    def path(self) -> Path | None:
        """What is typed, None for nothing. Raises Refused("first_start.file")."""
        typed = self.field.text().strip()
        if not typed:
            return None
        path = Path(typed).expanduser()
        if not path.is_file():
            raise refused_at(self.field, Refused("first_start.file", path=str(path)))
        return path.absolute()

    async def _choose(self) -> None:
        if (path := await ask_file(self, self._name, self._kinds.split(";;"))) is not None:
            self.field.setText(str(path))
        self.field.setFocus()
