"""Receipts of real sales: kept as files, printed once, and never in the way of a sale."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from pos_app.app import App
from pos_app.domain.payment import Tender
from pos_app.domain.report import ShiftReport
from pos_app.errors import Refused, Unavailable
from pos_app.receipts.escpos_decode import Paper, decode
from pos_app.services.printing import PrintQueue
from pos_app.services.receipt import (
    gift_receipt,
    keep_missed_receipts,
    keep_missed_reports,
    keep_receipt,
    keep_report,
    open_drawer,
    read_receipt,
    reprint,
)
from pos_app.services.report import newest_z_reports
from pos_app.services.shift import ShiftCount, close_shift, reopen, x_report
from tests.conftest import SetClock
from tests.shop import DARKNESS, PRIDE, Shop


def printing_shop(shop: Shop, send: Callable[[str, bytes], None] | None = None) -> Shop:
    queue = PrintQueue(shop.app.config.data_dir / "queue", "simulated" if send is None else "file:/x", send)
    return replace(shop, app=replace(shop.app, printing=queue))


async def papers(app: App, count: int) -> list[Paper]:
    async with asyncio.timeout(10):
        while len(app.printing.simulated) < count or app.printing.jobs:
            await asyncio.sleep(0.005)
    return [decode(data) for data in app.printing.simulated]


async def test_a_cash_sale_is_kept_and_printed_and_opens_the_drawer(shop: Shop) -> None:
    shop = printing_shop(shop)
    receipt = await keep_receipt(shop.app, await shop.sell(PRIDE, DARKNESS))
    (paper,) = await papers(shop.app, 1)
    assert receipt.path.read_text(encoding="utf-8") == receipt.text
    assert receipt.path.with_suffix(".bin").read_bytes() == shop.app.printing.simulated[0]
    assert "Pride and Prejudice" in paper.text
    assert (paper.pulses, paper.strange) == (1, [])
    assert [thing.barcode for thing in paper.things if thing.barcode] == [receipt.number]
    assert (await read_receipt(shop.app, receipt.number)).text == receipt.text


async def test_a_card_sale_leaves_the_drawer_shut(shop: Shop) -> None:
    shop = printing_shop(shop)
    await keep_receipt(shop.app, await shop.sell(PRIDE, tender=Tender.CARD))
    (paper,) = await papers(shop.app, 1)
    assert paper.pulses == 0


async def test_training_opens_no_drawer_and_says_so_twice(shop: Shop) -> None:
    shop = printing_shop(shop)
    await keep_receipt(shop.app, replace(await shop.sell(PRIDE), training=True))
    (paper,) = await papers(shop.app, 1)
    assert paper.pulses == 0
    assert paper.text.count("NOT A RECEIPT") == 2  # noqa: PLR2004 - top and bottom


async def test_a_copy_and_a_gift_receipt_open_no_drawer_and_carry_the_same_number(shop: Shop) -> None:
    shop = printing_shop(shop)
    sale = await shop.sell(PRIDE)
    await reprint(shop.app, shop.ana, sale.number)
    await gift_receipt(shop.app, shop.ana)
    copy, gift = await papers(shop.app, 2)
    assert "*** COPY ***" in copy.text
    assert "GIFT RECEIPT" in gift.text
    assert "8.99" not in gift.text
    for paper in (copy, gift):
        assert paper.pulses == 0
        assert [thing.barcode for thing in paper.things if thing.barcode] == [sale.number]


async def test_nothing_is_reprinted_before_the_first_sale(shop: Shop) -> None:
    with pytest.raises(Refused) as refusal:
        await reprint(shop.app, shop.ana)
    assert refusal.value.code == "receipt.none"


async def test_the_drawer_alone(shop: Shop) -> None:
    shop = printing_shop(shop)
    await open_drawer(shop.app)
    (paper,) = await papers(shop.app, 1)
    assert (paper.pulses, paper.things) == (1, [])


async def test_a_printer_that_is_off_holds_no_sale_up(shop: Shop) -> None:
    def off(_printer: str, _data: bytes) -> None:
        raise Unavailable("printer.failed", reason="it is off")

    shop = printing_shop(shop, off)
    for _ in range(3):
        sale = await shop.sell(PRIDE)
        receipt = await keep_receipt(shop.app, sale)
        assert receipt.path.exists()
    assert [job.name for job in shop.app.printing.jobs] == ["1-000001", "1-000002", "1-000003"]
    await shop.app.printing.close()


async def test_where_receipts_cannot_be_kept_they_are_printed_all_the_same(shop: Shop) -> None:
    shop = printing_shop(shop)
    shop.app.config.receipts_dir.write_text("a file where the folder should be")
    with pytest.raises(Unavailable) as refusal:
        await keep_receipt(shop.app, await shop.sell(PRIDE))
    assert refusal.value.code == "receipt.not_kept"
    (paper,) = await papers(shop.app, 1)
    assert "Pride and Prejudice" in paper.text


async def close(shop: Shop) -> ShiftReport:
    x = await x_report(shop.app, shop.ana)
    return await close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(899))


async def test_a_receipt_that_the_end_of_the_program_came_before_is_made_once(shop: Shop, clock: SetClock) -> None:
    shop = printing_shop(shop)
    await keep_receipt(shop.app, await shop.sell(PRIDE))
    lost = await shop.sell(PRIDE)
    assert [sale.number for sale in await keep_missed_receipts(shop.app)] == [lost.number]
    assert len(await papers(shop.app, 2)) == 2
    assert (shop.app.config.receipts_dir / f"{lost.number}.txt").exists()
    assert await keep_missed_receipts(shop.app) == []
    # After a night nobody waits for it.
    await shop.sell(PRIDE)
    clock.forward(hours=13)
    assert await keep_missed_receipts(shop.app) == []


async def test_receipts_of_a_shop_that_came_from_elsewhere_are_not_printed(shop: Shop) -> None:
    shop = printing_shop(shop)
    for _ in range(6):
        await shop.sell(PRIDE)
    assert await keep_missed_receipts(shop.app) == []


async def test_without_a_paper_the_receipt_is_kept_and_the_drawer_opens(shop: Shop) -> None:
    shop = printing_shop(shop)
    kept = await keep_receipt(shop.app, await shop.sell(PRIDE), printed=False)
    (paper,) = await papers(shop.app, 1)
    assert (paper.text.strip(), paper.pulses) == ("", 1)
    assert "Pride and Prejudice" in kept.path.read_text(encoding="utf-8")
    await keep_receipt(shop.app, await shop.sell(PRIDE, tender=Tender.CARD), printed=False)
    assert len(await papers(shop.app, 1)) == 1


async def test_a_z_report_whose_paper_the_end_of_the_program_came_before_is_made_once(shop: Shop) -> None:
    shop = printing_shop(shop)
    await keep_receipt(shop.app, await shop.sell(PRIDE))
    await papers(shop.app, 1)
    await close(shop)
    assert await keep_missed_reports(shop.app) == ["Z1-000001"]
    paper = (await papers(shop.app, 2))[-1]
    assert "Z REPORT" in paper.text.upper()
    assert (shop.app.config.receipts_dir / "Z1-000001.txt").exists()
    assert await keep_missed_reports(shop.app) == []
    assert len(await papers(shop.app, 2)) == 2


async def test_a_z_report_that_waits_for_the_printer_is_not_printed_twice(shop: Shop) -> None:
    def off(_printer: str, _data: bytes) -> None:
        raise Unavailable("printer.failed", reason="it is off")

    shop = printing_shop(shop, off)
    await keep_receipt(shop.app, await shop.sell(PRIDE))
    (await keep_report(shop.app, await close(shop))).path.unlink()
    assert await keep_missed_reports(shop.app) == ["Z1-000001"]
    assert [job.name for job in shop.app.printing.jobs] == ["1-000001", "Z1-000001"]
    await shop.app.printing.close()


async def test_a_z_report_of_another_machine_or_of_a_shift_left_open_is_not_printed(
    shop: Shop, clock: SetClock
) -> None:
    shop = printing_shop(shop)
    await shop.sell(PRIDE)
    await close(shop)
    assert await keep_missed_reports(shop.app) == []
    await reopen(shop.app, shop.ana)
    await keep_receipt(shop.app, await shop.sell(PRIDE))
    clock.forward(days=1)
    await reopen(shop.app, shop.ana)
    assert len(await newest_z_reports(shop.app, 1, 9)) == 2
    assert await keep_missed_reports(shop.app) == []
    await papers(shop.app, 1)
