"""The demo shop: a real catalogue with an invented past, the same each time but for its dates."""

from pos_app.demo.build import build_demo

__all__ = ["build_demo"]
