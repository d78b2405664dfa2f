"""The shop's settings as they are stored, in one text: it comes with what an act asks first, and costs no question."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.models import Setting, table

_S = table(Setting).c
# A line a setting, its key and its value as JSON, which breaks no line: change one, and the text is another.
SETTING_TEXT = select(func.aggregate_strings(_S.key + "=" + _S.value, "\n")).scalar_subquery()
_ALONE = select(SETTING_TEXT)
# Where an act keeps what it has read.
_READ = "setting_text"


def note_setting_text(session: Session, text: str | None) -> None:
    """Keep for an act what came with another answer, unless it has read the settings before."""
    session.info.setdefault(_READ, text or "")


def setting_text(session: Session) -> str:
    """The settings as an act has read them; asks for them where nothing did before."""
    if _READ not in session.info:
        note_setting_text(session, session.connection().scalar(_ALONE))
    text: str = session.info[_READ]
    return text


def forget_setting_text(session: Session) -> None:
    """Let an act read the settings anew: they are locked now, or changed."""
    session.info.pop(_READ, None)
