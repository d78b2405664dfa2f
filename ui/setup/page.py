"""A new shop's first start: shop name, currency, tax and the first admin."""

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from pos_app.app import App
from pos_app.domain.money import parse_amount
from pos_app.domain.shop import ShopSettings
from pos_app.errors import PosError
from pos_app.services.first_start import FirstStart, set_up
from ui.errors import kind_of, sentence
from ui.tasks import Tasks
from ui.widgets.basic import Message, caption, label, panel
from ui.widgets.fields import Choice
from ui.widgets.key_button import KeyButton

# Currency, language, time zone and usual tax of the countries most likely to ask; all can be changed later.
COUNTRIES = {
    "United Kingdom": ("GBP", "en_GB", "Europe/London", "Books 0 %", "0", True),
    "Ireland": ("EUR", "en_IE", "Europe/Dublin", "Books 0 %", "0", True),
    "Germany": ("EUR", "de_DE", "Europe/Berlin", "Bücher 7 %", "7", True),
    "Austria": ("EUR", "de_AT", "Europe/Vienna", "Bücher 10 %", "10", True),
    "Switzerland": ("CHF", "de_CH", "Europe/Zurich", "Bücher 2.6 %", "2.6", True),
    "France": ("EUR", "fr_FR", "Europe/Paris", "Livres 5,5 %", "5.5", True),
    "Netherlands": ("EUR", "nl_NL", "Europe/Amsterdam", "Boeken 9 %", "9", True),
    "United States": ("USD", "en_US", "America/New_York", "Sales tax", "0", False),
    "Canada": ("CAD", "en_CA", "America/Toronto", "GST 5 %", "5", False),
    "Australia": ("AUD", "en_AU", "Australia/Sydney", "GST 10 %", "10", True),
}
TAX_MODES = ("Prices include tax", "Tax is added at the till")


class SetupPage(QWidget):
    """One form, asked once."""

    def __init__(self, app: App, on_done: Callable[[], None], on_error: Callable[[BaseException], None]) -> None:
        """Take what is to be called once the shop is set up."""
        super().__init__()
        self._app, self._on_done, self._on_error = app, on_done, on_error
        self.tasks = Tasks(self._tell)
        outer = QVBoxLayout(self)
        outer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        card = panel("card")
        card.setFixedWidth(560)
        layout = QVBoxLayout(card)
        layout.setContentsMargins(32, 28, 32, 28)
        layout.setSpacing(14)
        layout.addWidget(label("Set up your shop", "heading"))
        layout.addWidget(label("Everything here can be changed later.", "muted"))
        layout.addLayout(self._fields())
        self.message = Message()
        layout.addWidget(self.message)
        self._finish = KeyButton("Open the shop", "Enter", role="primary", size="big")
        self._finish.clicked.connect(self._submit)
        layout.addWidget(self._finish)
        outer.addWidget(card)
        self._country.currentTextChanged.connect(self._suggest)
        self._suggest(self._country.currentText())

    def _fields(self) -> QGridLayout:
        self._shop, self._currency, self._tax_name, self._tax_rate = (QLineEdit() for _ in range(4))
        self._admin, self._pin = QLineEdit(), QLineEdit()
        self._pin.setEchoMode(QLineEdit.EchoMode.Password)
        self._country, self._mode = Choice(), Choice()
        self._country.addItems(list(COUNTRIES))
        self._mode.addItems(TAX_MODES)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        rows: list[tuple[tuple[str, QWidget], tuple[str, QWidget]]] = [
            (("Shop name", self._shop), ("Country", self._country)),
            (("Currency", self._currency), ("Prices", self._mode)),
            (("Tax on books", self._tax_name), ("Rate in %", self._tax_rate)),
            (("First admin's name", self._admin), ("First admin's PIN, 4 to 12 digits", self._pin)),
        ]
        for row, pair in enumerate(rows):
            for column, (text, field) in enumerate(pair):
                grid.addWidget(caption(text), 2 * row, column)
                field.setAccessibleName(text)
                grid.addWidget(field, 2 * row + 1, column)
                if isinstance(field, QLineEdit):
                    field.returnPressed.connect(self._submit)
        return grid

    def activated(self) -> None:
        """Wait for the shop's name."""
        self._shop.setFocus()

    async def settled(self) -> None:
        """Nothing is read here."""
        await self.tasks.settled()

    async def close_page(self) -> None:
        """End this page's work."""
        await self.tasks.close()

    def _suggest(self, country: str) -> None:
        currency, _, _, tax, rate, inclusive = COUNTRIES[country]
        self._currency.setText(currency)
        self._tax_name.setText(tax)
        self._tax_rate.setText(rate)
        self._mode.setCurrentIndex(0 if inclusive else 1)

    def _submit(self) -> None:
        if not self._finish.isEnabled():
            return
        self._finish.setEnabled(False)
        self.tasks.start(self._set_up())

    async def _set_up(self) -> None:
        try:
            _, locale, zone, _, _, _ = COUNTRIES[self._country.currentText()]
            settings = ShopSettings(
                shop_name=self._shop.text().strip(),
                currency=self._currency.text().strip().upper(),
                locale=locale,
                time_zone=zone,
                prices_include_tax=self._mode.currentIndex() == 0,
            )
            rate = Decimal(parse_amount(self._tax_rate.text(), 4)).scaleb(-6)
            await set_up(
                self._app, FirstStart(settings, self._tax_name.text(), rate, self._admin.text(), self._pin.text())
            )
        finally:
            self._finish.setEnabled(True)
        self._on_done()

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, PosError):
            self.message.say(sentence(error), kind_of(error))
        else:
            self._on_error(error)
