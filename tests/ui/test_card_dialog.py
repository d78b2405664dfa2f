"""Cards on the till's own terminal, as the cashier sees it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from pos_app.devices import card_terminal
from pos_app.devices.card_terminal import SimulatedTerminal
from pos_app.domain.card import CardOutcome, CardResult
from pos_app.domain.payment import Tender
from pos_app.services.order_view import get_sale
from tests.shop import PRIDE, Shop
from tests.ui.keyboard import outside, until
from tests.ui.till import Run, Till

Key = Qt.Key


class Moody(SimulatedTerminal):
    """Charges, and then says that it does not know, until it is told to speak."""

    speaks = False

    async def charge(self, reference: str, amount: int, currency: str) -> CardResult:
        await super().charge(reference, amount, currency)
        return await self.status(reference)

    async def status(self, reference: str) -> CardResult:
        return await super().status(reference) if self.speaks else CardResult(CardOutcome.UNKNOWN, reference)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> SimulatedTerminal:
    monkeypatch.setattr(card_terminal, "ASK_AGAIN_S", (0.001,) * 3)
    return Moody()


def at(shop: Shop, run: Run, terminal: SimulatedTerminal) -> Till:
    return Till(replace(shop, app=replace(shop.app, terminal=terminal)), run).sign_in()


def test_a_card_is_charged_and_named_on_the_receipt(shop: Shop, run: Run, terminal: Moody) -> None:
    terminal.speaks = True
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F11)
    assert till.sees("is paid and stored")
    sale = run(get_sale(shop.app, "1-000001"))
    assert [(paid.tender, paid.amount, paid.scheme) for paid in sale.payments] == [("card", 899, "Visa ···· 4242")]
    assert list(terminal.charged.values()) == [899]
    till.close()


def test_an_unknown_charge_is_asked_about_and_never_charged_again(shop: Shop, run: Run, terminal: Moody) -> None:
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F11)
    assert till.sees("does not say whether it charged")
    assert till.sees("Total £8.99")
    till.key(Key.Key_F11)
    assert till.sees("does not say whether it charged")
    terminal.speaks = True
    till.key(Key.Key_F11)
    assert till.sees("is paid and stored")
    assert list(terminal.charged.values()) == [899]
    till.close()


def test_a_declined_card_leaves_the_sale_open(shop: Shop, run: Run) -> None:
    till = at(shop, run, SimulatedTerminal())
    till.scan(PRIDE)
    till.type("5.01")
    till.key(Key.Key_F11)
    assert till.sees("The card was declined, and nothing was charged")
    assert till.sees("Total £8.99")
    till.key(Key.Key_F12)
    assert till.sees("is paid")
    till.close()


def test_leaving_asks_what_became_of_the_charge(shop: Shop, run: Run) -> None:
    slow = SimulatedTerminal(delay_s=30)
    till = at(shop, run, slow)
    till.scan(PRIDE)
    till.run(outside(lambda: till.page.paying.take(Tender.CARD)))
    till.run(shown_dialog(till))
    till.key(Key.Key_Escape)
    assert till.sees("The card was declined") or till.sees("stopped at the terminal")
    assert slow.charged == {}
    till.close()


async def shown_dialog(till: Till) -> None:
    await until(lambda: till.dialog is not None)


def test_a_return_goes_back_to_the_card_by_the_terminal(shop: Shop, run: Run, terminal: Moody) -> None:
    terminal.speaks = True
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F11)
    assert till.sees("is paid and stored")
    till.scan("1-000001", PRIDE)
    till.key(Key.Key_F12)
    assert till.sees("£8.99 went back to the card")
    assert sorted(terminal.charged.values()) == [-899, 899]
    till.close()


def test_without_a_terminal_the_cashier_is_told_to_give_it_back_by_hand(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F11)
    till.scan("1-000001", PRIDE)
    till.key(Key.Key_F12)
    assert till.sees("Give £8.99 back on the card terminal by hand")


def test_a_refund_nobody_knows_of_is_not_given_by_hand_as_well(shop: Shop, run: Run, terminal: Moody) -> None:
    terminal.speaks = True
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F11)
    assert till.sees("is paid and stored")
    terminal.speaks = False

    async def unsaid(reference: str, amount: int, _currency: str) -> CardResult:
        terminal.charged[reference] = -amount
        return CardResult(CardOutcome.UNKNOWN, reference)

    terminal.refund = unsaid  # type: ignore[method-assign]
    till.scan("1-000001", PRIDE)
    till.key(Key.Key_F12)
    assert till.sees("does not say whether £8.99 went back")
    assert not till.sees("Give £8.99 back")
    till.close()


def test_more_than_is_due_is_refused_before_anything_is_charged(shop: Shop, run: Run, terminal: Moody) -> None:
    terminal.speaks = True
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.type("50")
    till.key(Key.Key_F11)
    assert till.sees("Only cash may be more than is due")
    assert terminal.charged == {}
    till.key(Key.Key_F11)
    assert list(terminal.charged.values()) == [899]
    till.close()
