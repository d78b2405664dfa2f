"""A new shop's name, money and tax, and its first admin."""

from dataclasses import replace
from decimal import Decimal

from PySide6.QtWidgets import QLineEdit, QWidget

from pos_app.domain.money import parse_amount
from pos_app.errors import Refused
from pos_app.services.first_start import check_admin, check_tax
from pos_app.services.setting import check_settings
from ui.setup.countries import COUNTRIES, FALLBACK, LANGUAGES, OTHER, Country
from ui.setup.step import Answers, Say, Step, refused_at
from ui.tasks import Tasks
from ui.widgets.fields import Choice

TAX_MODES = ("Prices include tax", "Tax is added at the till")
# A rate typed in per cent, so many digits behind the point.
RATE_DIGITS = 4


class ShopStep(Step):
    """What the shop is called, and what its money and tax are like: a country's usual answers are proposed."""

    title = "The shop"
    about = "Everything here can be changed later, in Settings."

    def __init__(self, answers: Answers, tasks: Tasks, say: Say) -> None:
        """Lay the fields out."""
        super().__init__(answers, tasks, say)
        self.name, self.currency, self.zone, self.tax_name, self.tax_rate = (QLineEdit() for _ in range(5))
        self.country, self.language, self.mode = Choice(), Choice(), Choice()
        for country in (*COUNTRIES, OTHER):
            self.country.addItem(country)
        for locale, name in LANGUAGES.items():
            self.language.addItem(name, locale)
        for mode in TAX_MODES:
            self.mode.addItem(mode)
        self.fields(
            [
                [("Shop name", self.name), ("Country", self.country)],
                [("Language", self.language), ("Time zone", self.zone)],
                [("Currency", self.currency), ("Prices", self.mode)],
                [("Tax on books", self.tax_name), ("Rate in %", self.tax_rate)],
            ]
        )
        self.column.addStretch(1)
        self.country.currentTextChanged.connect(self._suggest)
        self._suggest(self.country.currentText())

    def wanted(self) -> bool:
        """Only for a new shop."""
        return self.answers.is_new

    def home(self) -> QWidget:
        """The shop's name."""
        return self.name

    def _suggest(self, name: str) -> None:
        country: Country = COUNTRIES.get(name, FALLBACK)
        self.currency.setText(country.currency)
        self.language.setCurrentIndex(self.language.findData(country.locales[0]))
        self.zone.setText(country.time_zone)
        self.tax_name.setText(country.tax_name)
        self.tax_rate.setText(country.tax_rate)
        self.mode.setCurrentIndex(0 if country.inclusive else 1)

    async def keep(self) -> None:
        """Take answers that a shop can have."""
        settings = replace(
            self.answers.settings,
            shop_name=self.name.text().strip(),
            currency=self.currency.text().strip().upper(),
            locale=self.language.currentData(),
            time_zone=self.zone.text().strip(),
            prices_include_tax=self.mode.currentIndex() == 0,
        )
        try:
            check_settings(settings)
        except Refused as refused:
            key = refused.params.get("key", "currency")
            raise refused_at(
                {"shop_name": self.name, "time_zone": self.zone}.get(key, self.currency), refused
            ) from None
        try:
            rate = Decimal(parse_amount(self.tax_rate.text(), RATE_DIGITS)).scaleb(-RATE_DIGITS - 2)
            check_tax(self.tax_name.text().strip(), rate)
        except Refused as refused:
            wrong = self.tax_name if self.tax_rate.text() and not self.tax_name.text().strip() else self.tax_rate
            raise refused_at(wrong, refused) from None
        answers = self.answers
        answers.settings, answers.tax_name, answers.tax_rate = settings, self.tax_name.text().strip(), rate


class AdminStep(Step):
    """Who may do everything, and adds the others in Settings or by command."""

    title = "The first admin"
    about = "Whoever sets rights, prices and people up. Others are added with bookstore-pos user add."

    def __init__(self, answers: Answers, tasks: Tasks, say: Say) -> None:
        """Lay the fields out."""
        super().__init__(answers, tasks, say)
        self.name, self.pin, self.again = QLineEdit(), QLineEdit(), QLineEdit()
        for field in (self.pin, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        self.fields(
            [
                [("Admin's name", self.name)],
                [("PIN, 4 to 12 digits", self.pin), ("The same PIN again", self.again)],
            ]
        )
        self.hint("The PIN is typed at the till to sign in. Nobody can read it afterwards; a new one can be set.")
        self.column.addStretch(1)

    def wanted(self) -> bool:
        """Only for a new shop."""
        return self.answers.is_new

    def home(self) -> QWidget:
        """The name."""
        return self.name

    async def keep(self) -> None:
        """Take a name and a PIN that was typed twice."""
        try:
            check_admin(self.name.text(), self.pin.text())
        except Refused as refused:
            raise refused_at(self.pin if refused.code == "pin.invalid" else self.name, refused) from None
        if self.pin.text() != self.again.text():
            raise refused_at(self.again, Refused("first_start.pins"))
        self.answers.admin_name, self.answers.admin_pin = self.name.text(), self.pin.text()
