"""From a configured machine to an open shop in a window."""

import asyncio
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from pos_app import app as application
from pos_app.config import Config
from pos_app.config_check import refuse_devices
from pos_app.connect_fault import precisely
from pos_app.domain.money import currency
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.first_start import no_shop_here
from pos_app.messages import sentence
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date
from pos_app.password import use_password
from pos_app.services.customer_erase import clear_receipts
from pos_app.services.first_start import is_new
from pos_app.services.machine import write_setting
from pos_app.services.receipt import keep_missed_receipts, keep_missed_reports
from pos_app.services.setting import get_settings
from pos_app.services.sign_in import sign_in
from pos_app.services.till import claim_till
from pos_app.till_lock import till_held
from ui import garbage
from ui.checkout.page import CheckoutPage
from ui.customers.page import CustomersPage
from ui.format import Formatter
from ui.inventory.import_sheet import import_from
from ui.inventory.page import InventoryPage
from ui.main_window import MainWindow
from ui.orders.page import OrdersPage
from ui.printing import DRAWING
from ui.reports.page import ReportsPage
from ui.scan_router import ScanRouter
from ui.settings.page import SettingsPage

if TYPE_CHECKING:
    from ui.setup.step import Answers

AGAIN_S = 2.0
ALREADY_OPEN = "This till is still open elsewhere, or was cut off a moment ago. It is waited for…"
PAGES = {
    "Checkout": CheckoutPage,
    "Inventory": InventoryPage,
    "Orders": OrdersPage,
    "Customers": CustomersPage,
    "Reports": ReportsPage,
    "Settings": SettingsPage,
}


class Starter:
    """Opens the shop behind a window that is already shown, and closes both."""

    def __init__(self, qt: QApplication, window: MainWindow, config: Config, *, demo: bool, asks: bool) -> None:
        """Take the window; `asks` is whether somebody is there to answer what a new shop must know."""
        self._qt, self._config, self._demo, self._asks = qt, config, demo, asks
        self.window = window
        self.app: application.App | None = None
        self._held = ExitStack()
        self._answers: Answers | None = None

    @property
    def data_dir(self) -> Path:
        """Where this machine keeps its own."""
        return self._config.data_dir

    async def open(self) -> None:
        """Bring the database up to date, make the demo shop if asked, and ask who is at the till.

        Raises what `bring_up_to_date` and `till_held` raise, Refused("config.devices") and Unavailable.
        """
        start = self.window.start_page
        refuse_devices(self._config)
        self._held.enter_context(till_held(self._config))
        app = await self._shop()
        if app is None:
            return
        app.db.link.start(SCHEMA_HEAD, self._config.till)
        if not await app.db.link.alone(lambda: start.show_progress(0, 0, ALREADY_OPEN)):
            raise app.db.link.fault or Refused("till.running", number=self._config.till)
        await app.printing.start()
        app.backups.start()
        router = ScanRouter(self._qt, self.window.on_error)
        self.window.open_shop(app, router, dict(PAGES))
        if not self.window.closed.is_set():
            settings = await get_settings(app)
            garbage.spare_what_lasts()
            garbage.collect_here(self.window)
            self.window.show_sign_in(Formatter(settings, currency(settings.currency)))
            self.window.tasks.start(self._make_missed_papers(app))
            if self._answers is not None and self._answers.catalogue is not None:
                await self._take_catalogue(app, self._answers, self._answers.catalogue)

    async def _shop(self) -> application.App | None:
        """The shop, made first where there is none, with this machine a till of it; None where nobody answers."""
        if not self._demo and await asyncio.to_thread(no_shop_here, self._config):
            await self._ask(asks_place=True)
            if self._unanswered:
                return None
        await self._bring_up_to_date()
        app = self.app = application.build(self._config, drawing=DRAWING)
        if await is_new(app):
            if self._demo:
                await self._build_demo(app)
            else:
                await app.db.close()
                await self._ask(asks_place=False)
                if self._unanswered:
                    return None
                app = self.app = application.build(self._config, drawing=DRAWING)
        try:
            await claim_till(app)
        except Refused as refused:
            if refused.code != "till.taken" or not self._asks:
                raise
            return await self._take_number(refused)
        return app

    async def _ask(self, *, asks_place: bool) -> None:
        """Ask what a first start must know, until it is carried out or the window is closed."""
        from ui.setup.step import Answers  # noqa: PLC0415 - only a first start needs it

        done = asyncio.Event()

        def carried_out(config: Config, answers: Answers) -> None:
            self._config, self._answers = config, answers
            done.set()

        self.window.show_setup(Answers(self._config, asks_place=asks_place), self._hold, carried_out)
        if self._asks:
            await self.window.first(done)

    @property
    def _unanswered(self) -> bool:
        return self._answers is None or self.window.closed.is_set()

    def _hold(self, config: Config) -> None:
        """Hold the till of another number in the place of this one's. Raises what `till_held` raises."""
        if config.till == self._config.till:
            return
        held = ExitStack()
        held.enter_context(till_held(config))
        self._held.close()
        self._held, self._config = held, config

    async def _take_catalogue(self, app: application.App, answers: "Answers", path: Path) -> None:
        """Let the admin, who has just typed the PIN, look at what the file would do."""
        self.window.signed_in(await sign_in(app, answers.admin_name, answers.admin_pin))
        self.window.show_page("Inventory")
        page = self.window.current_page
        assert isinstance(page, InventoryPage)  # noqa: S101 - the page just turned to
        page.start(import_from(page, path))

    async def _bring_up_to_date(self) -> None:
        """Wait for a server that is not there yet, as in the morning: somebody may be switching it on."""
        show = self.window.start_page.show_progress
        await asyncio.to_thread(use_password, self._config)
        while True:
            try:
                await bring_up_to_date(self._config, lambda text: show(0, 0, text))
            except Unavailable as error:
                precise = precisely(error, self._config.database_url)
                if error.code != "database.unreachable" or not self._asks:
                    raise precise from error
                show(0, 0, f"{sentence(precise)} It is tried again every few seconds.")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.window.closed.wait(), AGAIN_S)
                if self.window.closed.is_set():
                    raise precise from error
            else:
                return

    async def _take_number(self, refused: Refused) -> application.App | None:
        """Ask for a number that no other machine has, until one is taken; None where the window is closed instead."""
        answers: list[tuple[int, str]] = []
        typed = asyncio.Event()

        def take(number: int, name: str) -> None:
            answers.append((number, name))
            typed.set()

        page = self.window.show_till(refused, take)
        while True:
            typed.clear()
            await self.window.first(typed)
            if self.window.closed.is_set():
                return None
            try:
                return await self._start_as(*answers[-1])
            except Refused as again:
                page.refuse(again)

    async def _start_as(self, number: int, name: str) -> application.App:
        """Be another till from now on, and after the next start. Raises what `claim_till` and `till_held` raise."""
        config = replace(self._config, till=number)
        assert self.app is not None  # noqa: S101 - its number was refused
        app = application.build(config, drawing=DRAWING)
        held = ExitStack()
        try:
            if number != self._config.till:
                held.enter_context(till_held(config))
            await claim_till(app, name)
            await asyncio.to_thread(write_setting, config.settings_file, "till", number)
        except BaseException:
            held.close()
            await app.db.close()
            raise
        await self.app.db.close()
        if number != self._config.till:
            self._held.close()
            self._held = held
        self._config, self.app = config, app
        return app

    async def _make_missed_papers(self, app: application.App) -> None:
        """Make the papers that an end of the program came before, and say so to whoever comes next."""
        try:
            sales = await keep_missed_receipts(app)
            names = await keep_missed_reports(app)
            await clear_receipts(app)
        except PosError as error:
            self.window.tell_at_counter(sentence(error))
            return
        made = "kept among the receipts" if app.printing.printer == "none" else "printed now"
        said = []
        if sales:
            # Rung up again it would be sold twice: the amount says which sale it was.
            money = Formatter(await get_settings(app), currency(sales[-1].currency)).money
            named = " and ".join(f"{sale.number} ({money(sale.total)})" for sale in sales)
            are = "Sale {} is" if len(sales) == 1 else "Sales {} are"
            said.append(f"{are.format(named)} stored. The program ended before the paper was made; it is {made}.")
        if names:
            named = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"
            said.append(f"The program ended before the paper of a closed shift was made. {named} {made}.")
        if said:
            self.window.tell_at_counter(" ".join(said))

    async def _build_demo(self, app: application.App) -> None:
        from pos_app.demo import build_demo  # noqa: PLC0415 - only a demo's first start needs it

        loop = asyncio.get_running_loop()
        show = self.window.start_page.show_progress

        # The builder works in the database's thread, from which no widget may be touched.
        def progress(done: int, total: int, text: str) -> None:
            loop.call_soon_threadsafe(show, done, total, text)

        await build_demo(app, progress)

    async def sign_in(self, name: str, pin: str, page: str) -> None:
        """Sign in without being asked and turn to a page. Raises what `sign_in` does, Refused("till.no_shop")."""
        if self.app is None or not self.window.has_shop:
            raise Refused("till.no_shop", path=str(self._config.data_dir))
        self.window.signed_in(await sign_in(self.app, name, pin))
        self.window.show_page(page)

    async def close(self) -> None:
        """Close the window's work and the database."""
        await self.window.shut_down()
        if self.app is not None:
            await self.app.backups.close()
            await self.app.printing.close()
            await self.app.db.close()
        self._held.close()
