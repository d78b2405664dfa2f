"""Windows on real services: one application and one loop for the whole session."""

from tests.ui.till import app, loop, qapp, run, shop, till

__all__ = ["app", "loop", "qapp", "run", "shop", "till"]
