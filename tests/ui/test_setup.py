"""A new shop's first start."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from pos_app.app import App
from pos_app.services.setting import get_settings
from pos_app.services.sign_in import list_people, sign_in
from tests.ui.keyboard import focus_window, outside, shown, until
from tests.ui.till import Run
from ui.main_window import MainWindow
from ui.scan_router import ScanRouter
from ui.setup.page import COUNTRIES


class FirstStart:
    """The window of a shop that nobody has set up."""

    def __init__(self, app: App, run: Run, qt: QApplication) -> None:
        self.app, self.run, self.done = app, run, False
        self.window = MainWindow((1024, 768))

        def finished() -> None:
            self.done = True

        async def opened() -> None:
            self.window.open_shop(app, ScanRouter(qt, self.window.on_error), {})
            self.window.show_setup(finished)
            await shown(self.window)

        run(opened())

    def fill(self, **answers: str) -> None:
        for name, text in answers.items():
            self.field(name.replace("_", " ")).setText(text)

    def field(self, name: str) -> QLineEdit:
        fields = self.window.findChildren(QLineEdit)
        return next(field for field in fields if field.accessibleName().lower().startswith(name.lower()))

    def choice(self, name: str) -> QComboBox:
        return next(box for box in self.window.findChildren(QComboBox) if box.accessibleName() == name)

    def enter(self) -> None:
        self.run(outside(lambda: QTest.keyClick(focus_window(), Qt.Key.Key_Return)))

    def says(self) -> str:
        page = self.window.centralWidget().currentWidget()  # type: ignore[attr-defined] # a stack of pages
        return str(page.message.text())


@pytest.fixture
def first(app: App, run: Run, qapp: QApplication) -> Iterator[FirstStart]:
    made = FirstStart(app, run, qapp)
    yield made
    run(made.window.shut_down())
    made.window.deleteLater()


def test_a_shop_is_set_up_with_the_keyboard_and_its_admin_can_sign_in(first: FirstStart) -> None:
    assert first.window.windowTitle() == "Set up – Bookstore POS"
    first.choice("Country").setCurrentText("Germany")
    first.fill(shop_name="Buch & Co", **{"first admin's name": "Lena", "first admin's pin": "246800"})
    first.enter()
    first.run(until(lambda: first.done))
    settings = first.run(get_settings(first.app))
    assert (settings.shop_name, settings.currency, settings.locale) == ("Buch & Co", "EUR", "de_DE")
    assert settings.prices_include_tax
    assert [person.name for person in first.run(list_people(first.app))] == ["Lena"]
    assert first.run(sign_in(first.app, "Lena", "246800")).role == "admin"


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"first admin's pin": "12"}, "A PIN has 4 to 12 digits."),
        ({"first admin's name": ""}, "A name has 1 to"),
        ({"currency": "XYZ"}, "XYZ"),
        ({"rate": "120"}, "0 to 100 %"),
        ({"rate": "much"}, "“much”"),
    ],
)
def test_an_answer_that_cannot_be_is_told_and_can_be_mended(
    first: FirstStart, answers: dict[str, str], sentence: str
) -> None:
    first.fill(**{"shop name": "Shop", "first admin's name": "Lena", "first admin's pin": "246800"} | answers)
    first.enter()
    first.run(until(lambda: bool(first.says())))
    assert sentence in first.says()
    assert not first.done
    good = {"first admin's name": "Lena", "first admin's pin": "246800", "currency": "GBP", "rate": "0"}
    first.fill(**good)
    first.run(first.window.centralWidget().currentWidget().settled())  # type: ignore[attr-defined]
    first.enter()
    first.run(until(lambda: first.done))


def test_every_country_that_is_offered_can_be_chosen(first: FirstStart) -> None:
    for country in COUNTRIES:
        first.choice("Country").setCurrentText(country)
        assert first.field("currency").text() == COUNTRIES[country][0]
