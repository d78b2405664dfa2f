"""A first start from a file, with nobody there: the shop, this machine's settings and number, titles, a test page."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from pos_app.app import App, build
from pos_app.config import Config, read_file
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.first_start import try_folder
from pos_app.first_start_file import SetUpFile
from pos_app.migrate import bring_up_to_date, schema_revision
from pos_app.password import use_password
from pos_app.services.book_import import ImportReport, import_books
from pos_app.services.first_start import check_admin, has_titles, is_new, set_up
from pos_app.services.machine import keep_settings, try_printer
from pos_app.services.setting import get_settings
from pos_app.services.till import claim_till, has_id, list_tills, lowest_free
from pos_app.till_lock import till_held

# Forty machines may ask for the lowest free number at the same moment.
TRIES = 100


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it; None for what was not asked for."""

    set_up: bool
    shop: str
    till: int | None = None
    settings_file: str | None = None
    catalogue: ImportReport | None = None
    test_page: bool = False


async def carry_out(
    config: Config,
    wanted: SetUpFile,
    ask_pin: Callable[[str], str],
    note: Callable[[str], None],
    progress: Callable[[int, int], None],
) -> Done:
    """Carry a file of answers out on this machine; run again, it leaves what is there and goes on with the rest.

    Raises what `bring_up_to_date`, `set_up`, `claim_till`, `keep_settings`, `import_books` and `try_printer` raise.
    """
    await asyncio.to_thread(try_folder, config.data_dir)
    await asyncio.to_thread(use_password, config)
    answers, printer = wanted.answers, await asyncio.to_thread(_printer_before, config)
    if not answers.admin_pin and await schema_revision(config) is None:
        # Before anything is made: a PIN that will not do would leave an empty shop.
        answers = replace(answers, admin_pin=ask_pin(answers.admin_name))
        check_admin(answers.admin_name, answers.admin_pin)
    await bring_up_to_date(config, note)
    app = build(config)
    try:
        new = await is_new(app)
        if new:
            pin = answers.admin_pin or ask_pin(answers.admin_name)
            await set_up(app, replace(answers, admin_pin=pin))
        settings = await get_settings(app)
        done = Done(new, settings.shop_name)
        if wanted.is_till:
            config = await _become_till(app, config, wanted)
            done = replace(done, till=config.till)
        if wanted.machine or wanted.is_till:
            kept = dict(wanted.machine) | ({"till": config.till} if wanted.is_till else {})
            await asyncio.to_thread(keep_settings, config.settings_file, kept)
            done = replace(done, settings_file=str(config.settings_file))
        if wanted.catalogue is not None and not await has_titles(app):
            done = replace(done, catalogue=await import_books(app, wanted.catalogue, progress=progress))
    finally:
        await app.db.close()
    # Run again, as a roll-out does, it prints no second one.
    fresh = new or (done.settings_file is not None and printer != config.printer)
    return replace(done, test_page=fresh and await _tried(config, wanted, settings))


def _printer_before(config: Config) -> str | None:
    """The printer that this machine had before; None where it had no settings."""
    if not config.settings_file.is_file():
        return None
    return str(read_file(config.settings_file).get("printer", config.printer))


async def _become_till(app: App, config: Config, wanted: SetUpFile) -> Config:
    """Take a number for this machine; one that it has already stays its own. Raises as `claim_till` does."""
    asks_free = wanted.free_till and not has_id(config)
    for _ in range(TRIES if asks_free else 1):
        if asks_free:
            config = replace(config, till=lowest_free(await list_tills(app)))
        try:
            with till_held(config):
                await claim_till(replace(app, config=config), wanted.till_name or None)
        except Refused as refused:
            # Another machine was quicker: there is a next number.
            if refused.code != "till.taken" or not asks_free:
                raise
        else:
            return config
    raise Refused("till.none_free")


async def _tried(config: Config, wanted: SetUpFile, settings: ShopSettings) -> bool:
    """Print the test page, where it is asked for and there is a printer."""
    if not wanted.test_page or config.printer == "none":
        return False
    await try_printer(config.printer, settings, None)
    return True
