"""What the program is made of, built once at start and passed on; nothing is global."""

from dataclasses import dataclass

from pos_app.clock import Clock
from pos_app.config import Config
from pos_app.database import Database
from pos_app.devices.card_terminal import CardTerminal, open_terminal
from pos_app.ids import Ids
from pos_app.receipts.escpos import Drawing
from pos_app.services.backup import BackupSchedule
from pos_app.services.printing import PrintQueue


@dataclass(frozen=True)
class App:
    """The parts every service may need."""

    config: Config
    db: Database
    clock: Clock
    ids: Ids
    printing: PrintQueue
    backups: BackupSchedule
    # None where the terminal stands apart and the cashier looks at it.
    terminal: CardTerminal | None = None
    # Draws what a printer has no letters for; only the window brings one along.
    drawing: Drawing | None = None


def build(config: Config, *, clock: Clock | None = None, ids: Ids | None = None, drawing: Drawing | None = None) -> App:
    """Put the parts together; nothing is opened yet.

    Raises Refused("database.url" | "database.network_path" | "card.setting").
    """
    clock = clock or Clock()
    return App(
        config=config,
        db=Database(config.database_url, config.direct_url),
        clock=clock,
        ids=ids or Ids(),
        printing=PrintQueue(config.data_dir / "print-queue", config.printer),
        backups=BackupSchedule(config, clock),
        terminal=open_terminal(config.card_terminal),
        drawing=drawing,
    )
