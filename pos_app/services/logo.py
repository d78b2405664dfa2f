"""The shop's picture at the head of its papers: kept in the database, so that every till prints it."""

import asyncio
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.shop import ShopSettings
from pos_app.models import StoredCover
from pos_app.services.cover import check_picture, keep_picture
from pos_app.services.right import Operator
from pos_app.services.setting import keep_changes, shop_settings

# What a till prints that has a picture of its own, where the shop has none.
FILE_NAME, MAX_FILE = "logo.png", 4_000_000


async def set_logo(app: App, operator: Operator, content: bytes) -> ShopSettings:
    """Give the shop a picture that was decoded, checked and made small before; `change_settings` takes it away.

    Raises Refused("cover.size" | "cover.picture" | "right.missing").
    """
    check_picture(content)
    now = app.clock.now()

    def act(session: Session) -> ShopSettings:
        # What is kept for somebody who may not change settings goes with the act.
        return keep_changes(session, operator, now, logo=keep_picture(session, content))

    return await app.db.write(act)


async def shop_and_logo(app: App) -> tuple[ShopSettings, bytes | None]:
    """Read what the head of a paper is made of: the shop's settings, and its picture where there is one."""

    def act(session: Session) -> tuple[ShopSettings, bytes | None]:
        settings = shop_settings(session)
        query = select(StoredCover.content).where(StoredCover.digest == settings.logo)
        return settings, session.scalar(query) if settings.logo else None

    settings, content = await app.db.read(act)
    if content is None:
        content = await asyncio.to_thread(_read, app.config.data_dir / FILE_NAME)
    return settings, content


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= MAX_FILE else None
    except OSError:
        return None
