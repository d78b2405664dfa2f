"""The plug is pulled in the middle of a sale; tests/faults does so at every step of paying, returning and closing."""

import asyncio
import subprocess
import sys
from pathlib import Path

from pos_app import app as application
from pos_app.config import Config
from pos_app.services import cart
from tests.conftest import SetClock
from tests.shop import DARKNESS, PRIDE, fill


async def test_a_filled_basket_is_back_after_a_kill(config: Config, clock: SetClock) -> None:
    app = application.build(config, clock=clock)
    shop = await fill(app)
    script = (
        "import asyncio, sys, os, signal\n"
        "from pathlib import Path\n"
        "from pos_app import app as a\n"
        "from pos_app.config import Config\n"
        "from pos_app.services import cart\n"
        "from pos_app.services.sign_in import sign_in\n"
        "async def main():\n"
        "    app = a.build(Config(Path(sys.argv[1]), sys.argv[2]))\n"
        "    ana = await sign_in(app, 'Ana', '1111')\n"
        "    view = await cart.open_cart(app, ana)\n"
        "    for isbn in sys.argv[3:]:\n"
        "        await cart.add_scan(app, ana, view.id, isbn)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    arguments = [sys.executable, "-c", script, str(config.data_dir), config.database_url, PRIDE, DARKNESS, PRIDE]
    await asyncio.to_thread(subprocess.run, arguments, cwd=Path(__file__).parents[2], check=False)
    view = await cart.open_cart(app, shop.ana)
    assert [(line.isbn, line.quantity) for line in view.lines] == [(PRIDE, 2), (DARKNESS, 1)]
    await app.db.close()
