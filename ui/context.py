"""What a page is given to work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pos_app.app import App
from pos_app.services.right import Operator
from ui.customer_display.follow import CustomerDisplays
from ui.format import Formatter
from ui.import_banner import ImportsAside


@dataclass(frozen=True)
class Context:
    """One person's time at the till."""

    app: App
    operator: Operator
    fmt: Formatter
    on_error: Callable[[BaseException], None]
    displays: CustomerDisplays
    imports: ImportsAside
    # Waits until the work of the person before is over.
    left: Callable[[], Awaitable[None]]
