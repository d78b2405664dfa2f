"""From a configured machine to an open shop in a window."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from PySide6.QtWidgets import QApplication

from pos_app import app as application
from pos_app.config import Config, read_file, system_file
from pos_app.config_check import refuse_devices
from pos_app.connect_fault import precisely
from pos_app.domain.money import currency
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.first_start import no_shop_here
from pos_app.messages import sentence
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date, copies_here
from pos_app.password import drop_password, use_password
from pos_app.server_address import read_address
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
    from ui.setup.step import Answers, Place

AGAIN_S = 2.0
ALREADY_OPEN = "This till is still open elsewhere, or was cut off a moment ago. It is waited for…"
# What may be wrong with an address, or with who this machine is to the server, and what of one can be typed anew.
OF_ADDRESS = ("connect.", "address.", "keyring.", "database.url", "database.sign_in_refused", "database.unreachable")
TYPED = {"sslmode", "sslrootcert", "passfile"}
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

    def __init__(
        self,
        qt: QApplication,
        window: MainWindow,
        config: Config,
        *,
        demo: bool,
        asks: bool,
        load: Callable[[], Config] | None = None,
    ) -> None:
        """Take the window; `asks` is whether somebody is there to answer what a new shop must know.

        `load` reads the settings anew, where it is tried again.
        """
        self._qt, self._config, self._demo, self._asks = qt, config, demo, asks
        self._load = load or (lambda: self._config)
        self._mends: Place | None = None
        self._from_keyring = False
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
        # Whatever may fail comes before the window has the shop: it can be tried again then.
        settings = await get_settings(app)
        router = ScanRouter(self._qt, self.window.on_error)
        self.window.open_shop(app, router, dict(PAGES))
        if not self.window.closed.is_set():
            garbage.spare_what_lasts()
            garbage.collect_here(self.window)
            self.window.show_sign_in(Formatter(settings, currency(settings.currency)))
            self.window.tasks.start(self._make_missed_papers(app))
            if self._answers is not None and self._answers.catalogue is not None:
                await self._take_catalogue(app, self._answers, self._answers.catalogue)

    async def begin_again(self, *, mend: bool) -> None:
        """Take the settings as they are now, so that `open` may be tried again after `let_go`.

        With `mend` it asks for what `way_out` told first. Raises what `load` raises.
        """
        if not mend:
            self._mends = None
        self._drop_password()
        self._config = await asyncio.to_thread(self._load)

    def _drop_password(self) -> None:
        if self._from_keyring:
            drop_password()
        self._from_keyring = False

    def way_out(self, error: BaseException) -> str:
        """What may be asked for, in words, so that the shop opens; nothing where that is mended elsewhere."""
        from ui.setup.step import Place  # noqa: PLC0415 - only a start that failed needs it

        self._mends = None
        if isinstance(error, PosError) and self._asks and not self.window.kiosk and not self._demo:
            lost = error.code in ("database.emptied", "database.damaged", "database.damaged_file")
            if lost and self._config.database_url == self._own_file and self._has_copies():
                self._mends = Place.COPY
            elif error.code.startswith(OF_ADDRESS) and self._can_be_typed():
                self._mends = Place.SHARED
        return {None: "", Place.COPY: "From a copy…"}.get(self._mends, "Another address…")

    def _has_copies(self) -> bool:
        # The disk that damaged the file may not be read here either.
        with suppress(OSError):
            return bool(copies_here(self._config))
        return False

    @property
    def _own_file(self) -> str:
        return f"sqlite:///{self._config.data_dir / 'shop.db'}"

    def _can_be_typed(self) -> bool:
        """Whether the address in use stands in a file of settings, and can be said in the fields of the first start."""
        url = self._config.database_url
        address = read_address(url)
        if address is None or "," in address.host or self._config.direct_url:
            return False
        with suppress(Refused):
            kept = [read_file(path).get("database_url") for path in (self._config.settings_file, system_file())]
            return url in kept and {name for name, _ in parse_qsl(urlsplit(url).query)} <= TYPED
        return False

    async def _shop(self) -> application.App | None:
        """The shop, made first where there is none, with this machine a till of it; None where nobody answers."""
        mending = self._mends is not None
        if mending or (not self._demo and await asyncio.to_thread(no_shop_here, self._config)):
            await self._ask(asks_place=True)
            if self.window.closed.is_set() or not (self._answers or mending):
                return None
            if self._answers is None:
                # Left as it is, which is tried once more.
                await self.window.show_start()
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
        """Ask what a first start must know, until it is carried out, left as it is, or the window is closed."""
        from ui.setup.step import Answers, Place  # noqa: PLC0415 - only a first start needs it

        done = asyncio.Event()
        mends, self._mends, self._answers = self._mends, None, None
        asked = Answers(self._config, asks_place=asks_place, mends=mends is not None)
        if mends is Place.SHARED:
            asked.place, asked.server = Place.SHARED, read_address(self._config.database_url) or asked.server
        elif asks_place and (copies := await asyncio.to_thread(copies_here, self._config)):
            # Nobody who lost a shop's file begins anew by pressing Enter.
            asked.place, asked.backup = Place.COPY, copies[-1]

        def carried_out(config: Config, answers: Answers) -> None:
            self._config, self._answers = config, answers
            done.set()

        self.window.show_setup(asked, self._hold, carried_out, done.set)
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
        page = self.window.start_page
        while True:
            self._from_keyring |= await asyncio.to_thread(use_password, self._config)
            try:
                await bring_up_to_date(self._config, lambda text: page.show_progress(0, 0, text))
            except Unavailable as error:
                precise = precisely(error, self._config.database_url)
                if error.code != "database.unreachable" or not self._asks:
                    raise precise from error
                way_out = self.way_out(precise)
                page.show_failure(f"{sentence(precise)} It is tried again every few seconds.", way_out, waits=True)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.window.first(page.answered), AGAIN_S)
                if page.wanted == "mend" and not self.window.closed.is_set():
                    page.wanted = ""
                    await self._ask(asks_place=True)
                    # The keyring may have another one now.
                    self._drop_password()
                    page.show_progress(0, 0, "Opening the shop…")
                    await self.window.show_start()
                else:
                    self._mends = None
                    if page.wanted == "again" and not self.window.closed.is_set():
                        await self._take_settings_anew()
                if self.window.closed.is_set():
                    raise precise from error
            else:
                return

    async def _take_settings_anew(self) -> None:
        """Take what somebody mended in a file while a server was waited for. Raises what `load` and `open` raise."""
        config = await asyncio.to_thread(self._load)
        refuse_devices(config)
        self._hold(config)
        self._drop_password()
        self._config = config
        if await asyncio.to_thread(no_shop_here, config):
            await self._ask(asks_place=True)
            await self.window.show_start()

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
        await self.let_go()

    async def let_go(self) -> None:
        """Let go of the till and the database, as far as a start had come."""
        if self.app is not None:
            await self.app.backups.close()
            await self.app.printing.close()
            await self.app.db.close()
            self.app = None
        self._held.close()
