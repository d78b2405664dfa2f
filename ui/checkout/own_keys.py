"""The shop's own keys in force at the counter: on the shortcuts, the buttons, and in what is said."""

import re
from collections.abc import Callable, Iterable, Mapping

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from pos_app.domain.counter_key import COUNTER_KEYS
from ui.actions import shortcut
from ui.widgets.key_button import KeyButton

# Longer ones first: “Ctrl+F12” is not “F12” after something.
_NAMED = re.compile(
    "|".join(re.escape(key).replace(r"\+", "[+ ]") + r"(?!\d)" for key in sorted(COUNTER_KEYS, key=len, reverse=True))
)


class OwnKeys:
    """Binds the counter's keys, and changes them while the program runs."""

    def __init__(self) -> None:
        """Start with the usual keys."""
        self.own: Mapping[str, str] = {}
        self._bound: dict[str, QShortcut] = {}

    def bind(self, owner: QWidget, usual: str, act: Callable[[], object]) -> None:
        """Bind an act to the key in force for a usual one."""
        self._bound[usual] = shortcut(owner, self.own.get(usual, usual), act)

    def use(self, own: Mapping[str, str], widgets: Iterable[QWidget]) -> None:
        """Put the shop's own keys in force, also on the buttons within some widgets."""
        if own == self.own:
            return
        self.own = dict(own)
        for usual, bound in self._bound.items():
            bound.setKey(QKeySequence(own.get(usual, usual)))
        for widget in widgets:
            for button in (*widget.findChildren(KeyButton), *([widget] if isinstance(widget, KeyButton) else [])):
                usual = button.usual_key.replace(" ", "+")
                button.show_key(own.get(usual, usual).replace("+", " ") if usual in COUNTER_KEYS else button.usual_key)

    def named(self, text: str) -> str:
        """A sentence with the keys in force in the place of the usual ones."""
        if not self.own:
            return text
        return _NAMED.sub(lambda found: self._in_force(found.group()), text)

    def _in_force(self, usual: str) -> str:
        mark = " " if " " in usual else "+"
        return self.own.get(usual.replace(" ", "+"), usual).replace("+", mark)
