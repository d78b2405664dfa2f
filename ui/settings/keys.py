"""The counter's keys: each may be another one, pressed here once."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QKeySequenceEdit, QLineEdit, QWidget

from pos_app.domain.counter_key import COUNTER_KEYS, check_counter_keys, counter_keys_text, read_counter_keys
from pos_app.errors import Refused
from pos_app.services.setting import change_settings, get_settings
from ui.context import Context
from ui.errors import sentence
from ui.settings.section import Section, hint
from ui.style.theme import px
from ui.tasks import Tasks
from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton


class KeysSection(Section):
    """One field a key, which takes the next key pressed in it."""

    title = "Keys"
    # A field takes whatever key comes next: none has the focus before somebody goes to it.
    starts_in_field = False

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay out the fields, one under the other."""
        super().__init__(context, tasks)
        self._text = ""
        self.form.addWidget(
            hint("Go to a key and press the one it shall be at every till. F1 shows the keys in force.")
        )
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        self._fields: dict[str, QKeySequenceEdit] = {}
        for place, (usual, act) in enumerate(COUNTER_KEYS.items()):
            field = QKeySequenceEdit()
            field.setMaximumSequenceLength(1)
            field.setAccessibleName(f"Key for {act}")
            if (inner := field.findChild(QLineEdit)) is not None:
                inner.setAccessibleName(f"Key for {act}")
            field.setMinimumWidth(px(110))
            field.setEnabled(self.may)
            field.editingFinished.connect(partial(self._pressed, usual))
            said = label(act, "sum")
            said.setWordWrap(True)
            grid.addWidget(said, place, 0)
            grid.addWidget(field, place, 1)
            self._fields[usual] = field
        grid.setColumnStretch(0, 1)
        box.setMaximumWidth(px(560))
        self.form.addWidget(box)
        self._usual = KeyButton("The usual keys", name="Back to the usual keys")
        self._usual.clicked.connect(lambda: self.start(self._keep("")))
        self._usual.setEnabled(self.may)
        self.add_key(self._usual, "Ctrl+Del")
        self.form.addWidget(self._usual, alignment=Qt.AlignmentFlag.AlignLeft)
        self.form.addStretch(1)

    async def load(self) -> None:
        """Show the keys in force."""
        self._show((await get_settings(self.context.app)).counter_keys)
        self.say_who_may()

    def _show(self, text: str) -> None:
        self._text = text
        own = read_counter_keys(text)
        for usual, field in self._fields.items():
            field.setKeySequence(QKeySequence(own.get(usual, usual)))

    def _pressed(self, usual: str) -> None:
        # The field takes every key: the next one is meant for the window again.
        self._usual.setFocus()
        own = read_counter_keys(self._text)
        pressed = self._fields[usual].keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if pressed == own.get(usual, usual):
            return
        wanted = own | {usual: pressed}
        try:
            check_counter_keys({key: value for key, value in wanted.items() if key != value})
        except Refused as refused:
            self._show(self._text)
            self.message.say(sentence(refused), "warn")
            return
        self.start(self._keep(counter_keys_text(wanted)))

    async def _keep(self, text: str) -> None:
        before = self._text
        self._show(await self._change(text))

        async def undo() -> None:
            self._show(await self._change(before))

        self.kept("The keys are kept." if text else "The usual keys are back.", undo)

    async def _change(self, text: str) -> str:
        app, operator = self.context.app, self.context.operator
        return (await change_settings(app, operator, counter_keys=text)).counter_keys
