"""The shop's logo: kept for all tills, on every receipt, and taken away again."""

import json
import struct
import zlib

import pytest
from sqlalchemy import func, select

from pos_app.errors import Refused
from pos_app.models import JournalEntry, StoredCover
from pos_app.receipts.layout import Logo
from pos_app.services.cover import MAX_BYTES
from pos_app.services.logo import set_logo, shop_and_logo
from pos_app.services.machine import sample_paper, trial_paper
from pos_app.services.receipt import keep_receipt, read_receipt
from pos_app.services.setting import change_settings
from tests.shop import PRIDE, Shop


def part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(shade: int) -> bytes:
    """A picture of one grey point."""
    head, point = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0), zlib.compress(bytes([0, shade]))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", point) + part(b"IEND", b"")


BLACK, WHITE = png(0), png(255)


async def test_it_stands_on_receipts_and_test_pages_until_it_is_taken_away(shop: Shop) -> None:
    boss = shop.people["Max"]
    assert (await shop_and_logo(shop.app))[1] is None
    settings = await set_logo(shop.app, boss, BLACK)
    assert await shop_and_logo(shop.app) == (settings, BLACK)
    sale = await shop.sell(PRIDE)
    receipt = await keep_receipt(shop.app, sale)
    for paper in (receipt.document, await sample_paper(shop.app, shop.ana), await trial_paper(shop.app)):
        assert paper is not None
        assert paper.blocks[0] == Logo(BLACK)
    assert (await read_receipt(shop.app, sale.number)).document == receipt.document
    await change_settings(shop.app, boss, logo="")
    assert (await shop_and_logo(shop.app))[1] is None
    await change_settings(shop.app, boss, logo=settings.logo)
    assert (await shop_and_logo(shop.app))[1] == BLACK
    last = select(JournalEntry).order_by(JournalEntry.id.desc()).limit(1)
    entry = await shop.app.db.read(lambda session: json.loads(session.scalars(last).one().content))
    assert json.loads(entry["changed"]) == {"logo": f'"{settings.logo}"'}
    assert await shop.findings() == []


async def test_only_an_admin_and_only_a_small_picture_and_nothing_is_kept_else(shop: Shop) -> None:
    for operator, content, code in (
        (shop.sam, BLACK, "right.missing"),
        (shop.people["Max"], b"GIF89a", "cover.picture"),
        (shop.people["Max"], BLACK + bytes(MAX_BYTES), "cover.size"),
    ):
        with pytest.raises(Refused) as refused:
            await set_logo(shop.app, operator, content)
        assert refused.value.code == code
    with pytest.raises(Refused, match=r"setting\.invalid"):
        await change_settings(shop.app, shop.people["Max"], logo="../../etc/passwd")
    assert await shop.app.db.read(lambda session: session.scalar(select(func.count()).select_from(StoredCover))) == 0


async def test_a_till_with_a_picture_of_its_own_prints_it_where_the_shop_has_none(shop: Shop) -> None:
    file = shop.app.config.data_dir / "logo.png"
    file.write_bytes(WHITE)
    assert (await shop_and_logo(shop.app))[1] == WHITE
    await set_logo(shop.app, shop.people["Max"], BLACK)
    assert (await shop_and_logo(shop.app))[1] == BLACK
    await change_settings(shop.app, shop.people["Max"], logo="")
    file.write_bytes(bytes(4_000_001))
    assert (await shop_and_logo(shop.app))[1] is None
