"""Cards on the till's own terminal, as the cashier sees it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from pos_app.devices import card_terminal
from pos_app.devices.card_terminal import SimulatedTerminal
from pos_app.domain.card import CardOutcome, CardResult
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.shop import StockPolicy
from pos_app.services import cart as basket
from pos_app.services.card import begin_charge, end_task
from pos_app.services.customer_order import OrderRequest, place_from_cart
from pos_app.services.order import PayRequest
from pos_app.services.order_view import get_sale
from pos_app.services.setting import change_settings
from tests.shop import PRIDE, SAPIENS, Shop
from tests.ui.keyboard import outside, until
from tests.ui.till import Run, Till
from ui.widgets.key_button import KeyButton

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
    assert till.sees("does not say what became of it")
    till.key(Key.Key_Return)
    assert till.sees("does not say what became of it")
    till.key(Key.Key_Escape)
    assert till.sees("Total £8.99")
    till.key(Key.Key_F11)
    assert till.sees("does not say what became of it")
    terminal.speaks = True
    till.key(Key.Key_Return)
    assert till.sees("is paid and stored")
    assert list(terminal.charged.values()) == [899]
    till.close()


@pytest.mark.parametrize("key", [Key.Key_F12, Key.Key_F6, Key.Key_Delete])
def test_whatever_is_done_next_asks_about_the_charge_first(shop: Shop, run: Run, terminal: Moody, key: Key) -> None:
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F11)
    till.key(Key.Key_Escape)
    terminal.speaks = True
    till.key(key)
    assert till.sees("is paid and stored")
    sale = run(get_sale(shop.app, "1-000001"))
    assert [(paid.tender, paid.amount) for paid in sale.payments] == [("card", 899)]
    assert run(shop.findings()) == []
    till.close()


def test_a_scan_asks_about_the_charge_first(shop: Shop, run: Run, terminal: Moody) -> None:
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F11)
    till.key(Key.Key_Escape)
    terminal.speaks = True
    till.scan(PRIDE)
    assert till.sees("is paid and stored")
    till.close()


def test_a_till_that_died_asks_about_the_charge_when_it_starts(shop: Shop, run: Run, terminal: Moody) -> None:
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F11)
    till.key(Key.Key_Escape)
    till.close()
    terminal.speaks = True
    again = at(shop, run, terminal)
    assert again.sees("is paid and stored")
    assert list(terminal.charged.values()) == [899]
    assert run(shop.findings()) == []
    again.close()


def test_a_sale_that_was_charged_and_not_stored_is_stored_at_the_next_start(
    shop: Shop, run: Run, terminal: Moody
) -> None:
    async def charge_and_die() -> None:
        app = replace(shop.app, terminal=terminal)
        cart = await basket.open_cart(app, shop.ana)
        cart = await basket.add_scan(app, shop.ana, cart.id, PRIDE)
        task = await begin_charge(app, shop.ana, PayRequest.of(cart), PaymentIn(app.ids.new(), Tender.CARD, 899))
        await end_task(app, shop.ana, CardResult(CardOutcome.APPROVED, task.uid))

    run(charge_and_die())
    till = at(shop, run, terminal)
    assert till.sees("is paid and stored")
    assert run(shop.findings()) == []
    till.close()


@pytest.mark.parametrize(("answer", "said"), [("1", "is paid and stored"), ("2", "The card was not charged")])
def test_a_person_says_what_became_of_it_where_the_terminal_does_not(
    shop: Shop, run: Run, terminal: Moody, answer: str, said: str
) -> None:
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F11)
    till.key(getattr(Key, f"Key_{answer}"), modifier=Qt.KeyboardModifier.AltModifier)
    assert till.sees(said)
    assert run(shop.findings()) == []
    till.close()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_scans_that_wait_leave_it_said_what_is_to_be_answered(shop: Shop, run: Run, terminal: Moody) -> None:
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F11)
    till.scan(PRIDE, PRIDE)
    assert till.sees("Message: 2 scans wait until this is answered.")
    assert till.sees("Look at its display or journal: £8.99 was charged, or not.")
    words = [button for button in till.dialog.findChildren(KeyButton) if button.words.startswith("It was")]
    assert all(button.width() >= button.sizeHint().width() for button in words)
    till.key(Key.Key_2, modifier=Qt.KeyboardModifier.AltModifier)
    assert [line.quantity for line in till.page.lines.lines] == [3]
    till.close()


def test_undo_gives_a_charged_part_back_to_the_card(shop: Shop, run: Run, terminal: Moody) -> None:
    terminal.speaks = True
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.type("5")
    till.key(Key.Key_F11)
    assert till.sees("To pay £3.99")
    till.key(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.sees("£5.00 was charged to a card")
    till.key(Key.Key_Escape)
    assert till.sees("To pay £3.99")
    till.key(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    till.key(Key.Key_Return)
    assert till.sees("£5.00 went back to the card")
    assert till.sees("Total £8.99")
    assert sorted(terminal.charged.values()) == [-500, 500]
    assert run(shop.findings()) == []
    till.close()


def test_the_payment_dialog_asks_the_terminal_too(shop: Shop, run: Run, terminal: Moody) -> None:
    terminal.speaks = True
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F5)
    till.key(Key.Key_2, modifier=Qt.KeyboardModifier.AltModifier)
    till.type("5")
    till.key(Key.Key_Return)
    assert list(terminal.charged.values()) == [500]
    till.click("Remove the last payment")
    assert till.sees("£5.00 was charged to a card")
    till.key(Key.Key_Return)
    assert sorted(terminal.charged.values()) == [-500, 500]
    till.key(Key.Key_2, modifier=Qt.KeyboardModifier.AltModifier)
    till.key(Key.Key_Return)
    assert till.sees("is paid and stored")
    assert sorted(terminal.charged.values()) == [-500, 500, 899]
    assert run(shop.findings()) == []
    till.close()


def test_nothing_is_charged_that_the_stock_refuses(shop: Shop, run: Run, terminal: Moody) -> None:
    run(change_settings(shop.app, shop.people["Max"], stock_policy=StockPolicy.STRICT))
    terminal.speaks = True
    till = at(shop, run, terminal)
    till.scan(SAPIENS)
    till.key(Key.Key_F11)
    assert terminal.charged == {}
    assert till.sees("Sapiens")
    till.close()


def test_a_declined_card_leaves_the_sale_open(shop: Shop, run: Run) -> None:
    till = at(shop, run, SimulatedTerminal())
    till.scan(PRIDE)
    till.type("5.01")
    till.key(Key.Key_F11)
    assert till.sees("The card was not charged")
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
    assert till.sees("The card was not charged") or till.sees("stopped at the terminal")
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


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_each_of_two_card_refunds_is_told(shop: Shop, run: Run, terminal: Moody) -> None:
    terminal.speaks = True
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.type("5")
    till.key(Key.Key_F11)
    assert till.sees("To pay £3.99")
    till.type("3.99")
    till.key(Key.Key_F11)
    assert till.sees("is paid and stored")
    till.scan("1-000001", PRIDE)
    till.key(Key.Key_F12)
    assert till.sees("£5.00 went back to the card.")
    assert till.sees("£3.99 went back to the card.")
    till.close()


def test_a_refund_nobody_knows_of_is_asked_about_until_it_is_known(shop: Shop, run: Run, terminal: Moody) -> None:
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
    assert till.sees("does not say what became of it")
    till.key(Key.Key_Escape)
    assert till.sees("£8.99 is still to go back to the card")
    till.close()
    terminal.speaks = True
    again = at(shop, run, terminal)
    assert again.sees("£8.99 went back to the card")
    assert run(shop.findings()) == []
    again.close()


def test_a_refund_the_terminal_declines_is_given_by_hand(
    shop: Shop, run: Run, terminal: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.speaks = True
    till = at(shop, run, terminal)
    till.scan(PRIDE)
    till.key(Key.Key_F11)

    async def declined(reference: str, _amount: int, _currency: str) -> CardResult:
        return CardResult(CardOutcome.DECLINED, reference)

    monkeypatch.setattr(terminal, "refund", declined)
    till.scan("1-000001", PRIDE)
    till.key(Key.Key_F12)
    assert till.sees("The terminal did not give £8.99 back. Give it back there by hand")
    till.key(Key.Key_1, modifier=Qt.KeyboardModifier.AltModifier)
    assert till.sees("£8.99 went back to the card")
    assert run(shop.findings()) == []
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


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_deposit_goes_back_to_its_card_on_the_terminal(shop: Shop, run: Run, terminal: Moody) -> None:
    async def place() -> None:
        view = await basket.open_cart(shop.app, shop.ana)
        view = await basket.add_scan(shop.app, shop.ana, view.id, PRIDE)
        view = await basket.set_customer(shop.app, shop.ana, view.id, 1)
        request = OrderRequest.of(view, shop.app.ids.new(), shop.payment(300, Tender.CARD))
        await place_from_cart(shop.app, shop.ana, request)

    terminal.speaks = True
    run(place())
    till = at(shop, run, terminal)
    till.do(lambda: till.window.show_page("Orders"))
    till.key(Key.Key_Delete, modifier=Qt.KeyboardModifier.ControlModifier)
    till.key(Key.Key_Return)
    assert till.sees("£3.00 went back to the card.")
    assert list(terminal.charged.values()) == [-300]
    assert run(shop.findings()) == []
    till.close()
