"""Where the shop is: on this computer alone, new or from a copy, or in a database that several tills share."""

from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QWidget

from pos_app.config import WHOLE
from pos_app.errors import PosError, Refused
from pos_app.first_start import Standing, check_number, look_at
from pos_app.server_address import CHECKED, ENCRYPTED, LOCAL_HOSTS, PLAIN, PORT, ServerAddress, read_address
from ui.errors import kind_of, sentence
from ui.setup.step import Answers, FileField, Place, Say, Step, refused_at
from ui.tasks import Tasks
from ui.widgets.fields import Choice
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Choices

# So long after the last key an address is tried.
PAUSE_MS = 600
HINTS = {
    Place.NEW: "For one till. The shop is a file on this computer, copied every day by itself.",
    Place.COPY: "A shop that was backed up before, on this computer or another. It is checked before it is taken.",
    Place.SHARED: "For several tills, or a server in the back room: PostgreSQL, new or with a shop in it already.",
}
ENCRYPTION = {
    CHECKED: "Encrypted, certificate checked",
    ENCRYPTED: "Encrypted, whoever answers",
    PLAIN: "Not encrypted",
}
BACKUPS = "Copies (*.db);;All files (*)"


class PlaceStep(Step):
    """The first question."""

    title = "Where is the shop?"
    about = "Nothing is stored before the last step."

    def __init__(self, answers: Answers, tasks: Tasks, say: Say) -> None:
        """Lay the three ways out."""
        super().__init__(answers, tasks, say)
        self.choices = Choices([place.value for place in Place], columns=1)
        for button in self.choices.findChildren(KeyButton):
            button.setProperty("tall", "name")
        self.choices.changed.connect(self._chosen)
        self.column.addWidget(self.choices)
        self._hint = self.hint()
        self.column.addStretch(1)
        self.choices.choose(answers.place.value)

    def wanted(self) -> bool:
        """Not where an address was given, or one is mended."""
        return self.answers.asks_place and not self.answers.mends

    def home(self) -> QWidget:
        """The one chosen."""
        return self.choices.chosen_button

    def _chosen(self, name: str) -> None:
        self.answers.place = Place(name)
        backup = self.answers.backup if self.answers.place is Place.COPY else None
        found = f" The newest of this folder is taken, {backup.name}, or another." if backup is not None else ""
        self._hint.setText(f"{HINTS[self.answers.place]}{found}")
        # Chosen by its key it has the focus too: Enter goes on with what is looked at.
        self.choices.chosen_button.setFocus()


class CopyStep(Step):
    """Which copy the shop is made from."""

    title = "The copy"
    about = "A file that “Back up now” or bookstore-pos backup made. It is read, checked and brought up to date."

    def __init__(self, answers: Answers, tasks: Tasks, say: Say) -> None:
        """Lay the field out."""
        super().__init__(answers, tasks, say)
        self.file = FileField("Copy of the shop", BACKUPS, tasks)
        self.fields([[("Copy of the shop", self.file)]])
        if answers.backup is not None:
            self.file.field.setText(str(answers.backup))
        self.column.addStretch(1)

    def wanted(self) -> bool:
        """Only for a shop from a copy."""
        return self.answers.asks_place and self.answers.place is Place.COPY

    def home(self) -> QWidget:
        """The path."""
        return self.file.field

    async def keep(self) -> None:
        """Take the file; what is in it is looked at when it is read."""
        path = self.file.path()
        if path is None:
            raise refused_at(self.file.field, Refused("first_start.no_copy"))
        self.answers.backup = path


class ServerStep(Step):
    """The shared database's address, tried while it is typed."""

    title = "The shared database"
    about = "A PostgreSQL server. What is typed is tried at once; a whole postgresql:// address can be pasted."

    def __init__(self, answers: Answers, tasks: Tasks, say: Say) -> None:
        """Lay the fields out."""
        super().__init__(answers, tasks, say)
        self.host, self.port, self.database, self.user, self.password, self.certificate = (
            QLineEdit() for _ in range(6)
        )
        self.host.setPlaceholderText("such as server.shop.example")
        self.port.setText(PORT)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.certificate.setPlaceholderText("only where this computer does not know who signed it")
        self.encryption = Choice()
        for value, name in ENCRYPTION.items():
            self.encryption.addItem(name, value)
        self.fields(
            [
                [("Server", self.host), ("Port", self.port)],
                [("Database", self.database), ("User", self.user)],
                [("Password", self.password), ("Connection", self.encryption)],
                [("File of the certificate's signer", self.certificate)],
            ]
        )
        self.column.addStretch(1)
        self._found: tuple[ServerAddress, Standing] | None = None
        self._own_choice = False
        # How long the server's name was before the last key: what comes at once is pasted.
        self._letters = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(lambda: self.tasks.start(self._try(), key="look"))
        self.host.textChanged.connect(self._host_typed)
        self.host.editingFinished.connect(self._take_apart)
        for field in (self.host, self.port, self.database, self.user, self.password, self.certificate):
            field.textChanged.connect(lambda _: self._changed())
        self.encryption.activated.connect(lambda _: self._chosen())
        if answers.server.host:
            self._show(answers.server)

    def wanted(self) -> bool:
        """Only for a database that tills share."""
        return self.answers.asks_place and self.answers.place is Place.SHARED

    def home(self) -> QWidget:
        """The server's name."""
        return self.host

    def entered(self) -> None:
        """Try again what is there already: somebody may have mended it."""
        if self.address().is_complete:
            self._timer.start()

    def left(self) -> None:
        """Try no longer."""
        self._timer.stop()
        self.tasks.cancel("look")

    def address(self) -> ServerAddress:
        """What is typed."""
        if (whole := read_address(self.host.text().strip())) is not None:
            return whole
        checked = self.encryption.currentData() == CHECKED
        return ServerAddress(
            self.host.text().strip(),
            self.port.text().strip(),
            self.database.text().strip(),
            self.user.text().strip(),
            self.password.text(),
            self.encryption.currentData(),
            self.certificate.text().strip() if checked else "",
        )

    def _host_typed(self, text: str) -> None:
        at_once, self._letters = len(text) - self._letters > 1, len(text)
        if read_address(text.strip()) is not None:
            if at_once:
                self._take_apart()
        elif not self._own_choice:
            # A server on this very computer is asked over no network.
            wanted = PLAIN if text.strip() in LOCAL_HOSTS[1:] else CHECKED
            self.encryption.setCurrentIndex(self.encryption.findData(wanted))
        self.certificate.setEnabled(self.encryption.currentData() == CHECKED)

    def _take_apart(self) -> None:
        """Put a whole address into the fields, once it is pasted, or typed to its end."""
        if (whole := read_address(self.host.text().strip())) is not None:
            self._show(whole)

    def _show(self, address: ServerAddress) -> None:
        self._own_choice = True
        self.encryption.setCurrentIndex(self.encryption.findData(address.encryption))
        for field, text in (
            (self.port, address.port),
            (self.database, address.database),
            (self.user, address.user),
            (self.password, address.password),
            (self.certificate, address.certificate),
            (self.host, address.host),
        ):
            field.setText(text)

    def _chosen(self) -> None:
        self._own_choice = True
        self.certificate.setEnabled(self.encryption.currentData() == CHECKED)
        self._changed()

    def _changed(self) -> None:
        self._found = None
        self.tasks.cancel("look")
        self.say("", "none")
        if self.address().is_complete:
            self._timer.start()
        else:
            self._timer.stop()

    async def _try(self) -> None:
        """Try what is typed, and say what came of it; the focus stays where somebody types."""
        try:
            await self._look()
        except PosError as error:
            self.say(sentence(error), kind_of(error))

    async def _look(self) -> Standing:
        address = self.address()
        if self._found is not None and self._found[0] == address:
            return self._found[1]
        config = replace(self.answers.config, database_url=address.url(), direct_url="")
        self.say(f"{address.host} is asked…", "none")
        standing = await look_at(config)
        self._found = address, standing
        self.say(*_told(address, standing, mends=self.answers.mends))
        return standing

    async def keep(self) -> None:
        """Take an address that answers and will do."""
        self._take_apart()
        self._timer.stop()
        self.tasks.cancel("look")
        for field, name in (
            (self.host, "server"),
            (self.port, "port"),
            (self.database, "database"),
            (self.user, "user"),
        ):
            if not field.text().strip():
                raise refused_at(field, Refused("first_start.empty", what=name))
        try:
            standing = await self._look()
        except PosError as error:
            raise refused_at(self._field_of(error), error) from error
        self.answers.server, self.answers.standing = self.address(), standing

    def _field_of(self, error: PosError) -> QLineEdit:
        """Where it can be mended."""
        return {
            "address.port": self.port,
            "connect.port": self.port,
            "connect.password": self.password,
            "connect.password_needed": self.password,
            "connect.user": self.user,
            "connect.database": self.database,
            "connect.certificate": self.certificate,
            "connect.certificate_file": self.certificate,
            "first_start.owner": self.user,
            "first_start.no_rights": self.user,
            "first_start.no_tables": self.user,
            "role.lacks": self.user,
            "database.foreign": self.database,
            "database.newer": self.database,
        }.get(error.code, self.host)


class TillStep(Step):
    """Which till of a shop this machine is."""

    title = "This till"

    def __init__(self, answers: Answers, tasks: Tasks, say: Say) -> None:
        """Lay the two fields out."""
        super().__init__(answers, tasks, say)
        self.number, self.name = QLineEdit(), QLineEdit()
        self.name.setPlaceholderText("such as Upstairs")
        self.fields([[("Till number", self.number), ("Till name", self.name)]])
        self._tills = self.hint()
        self.column.addStretch(1)

    def wanted(self) -> bool:
        """Where a shop has tills already."""
        return self.answers.joins or self.answers.till_asked

    def home(self) -> QWidget:
        """The name: a number is proposed."""
        return self.name

    def entered(self) -> None:
        """Propose a number that is free."""
        standing = self.answers.standing
        self.about = f"{standing.shop} has other tills." if standing is not None and standing.shop else ""
        if not self.number.text():
            self.number.setText(str(self.answers.config.till))
            try:
                check_number(self.answers.config, standing.tills if standing is not None else ())
            except Refused as refused:
                self.number.setText(str(refused.params["free"]))
        used = (
            [f"{till.number} {till.name} ({till.machine})" for till in standing.tills if till.machine]
            if standing
            else []
        )
        self._tills.setText(f"In use: {', '.join(used)}." if used else "No number is in use yet.")

    async def keep(self) -> None:
        """Take a number that no other machine has."""
        typed, (low, high) = self.number.text().strip(), WHOLE["till"]
        if not (typed.isascii() and typed.isdigit() and low <= int(typed[:9]) <= high):
            raise refused_at(self.number, Refused("till.number", low=low, high=high))
        config = replace(self.answers.config, till=int(typed))
        try:
            check_number(config, self.answers.standing.tills if self.answers.standing is not None else ())
        except Refused as refused:
            raise refused_at(self.number, refused) from refused
        self.answers.config, self.answers.till_name = config, self.name.text()


def _told(address: ServerAddress, standing: Standing, *, mends: bool) -> tuple[str, str]:
    """What was found at an address, in words, and how it is."""
    encrypted = "encrypted" if standing.encrypted else "not encrypted"
    said = f"PostgreSQL {standing.server.partition(' ')[0]} answers, {encrypted}."
    if standing.shop is None:
        if mends:
            return f"{said} There is no shop in it: if yours has moved, its database has another name.", "warn"
        return f"{said} There is no shop in it yet: a new one can be made.", "ok"
    said = f"{said} The shop “{standing.shop}” is in it: this computer becomes another till of it."
    if standing.older:
        said = f"{said} Its tables are brought up to date at the end."
    if standing.owns:
        return (
            f"{said} {address.user} owns the tables: a role of the tills' own is safer (bookstore-pos grant-till).",
            "warn",
        )
    return said, "ok"
