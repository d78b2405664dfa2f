"""How this machine's windows look: colours and the size of the text."""

from PySide6.QtWidgets import QApplication, QGridLayout

from pos_app.services.machine import change_look
from ui.context import Context
from ui.settings.section import Section, hint
from ui.style import theme
from ui.tasks import Tasks
from ui.widgets.basic import caption
from ui.widgets.fields import Choice

COLOURS = (
    ("As the system has them", "system"),
    ("Light", "light"),
    ("Dark", "dark"),
    ("High contrast", "contrast"),
)
SIZES = (("As designed", 100), ("A quarter larger", 125), ("Half as large again", 150))


class LookSection(Section):
    """Two choices of this machine; colours hold at once, the text's size from the next start on."""

    title = "Look"

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay the choices out."""
        super().__init__(context, tasks)
        # The size kept, which the windows have from the next start on.
        self._scale = theme.in_use()[1]
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(1, 1)
        self._colours, self._sizes = Choice(), Choice()
        for row, (name, box, options) in enumerate(
            (("Colours", self._colours, COLOURS), ("Size of the text", self._sizes, SIZES))
        ):
            box.setAccessibleName(name)
            box.setEnabled(self.may)
            for text, value in options:
                box.addItem(text, value)
            box.activated.connect(lambda _: self._chosen())
            grid.addWidget(caption(name), row, 0)
            grid.addWidget(box, row, 1)
        self.form.addLayout(grid)
        self.form.addWidget(hint("This machine only. Other tills keep their own look."))
        self.form.addStretch(1)

    async def load(self) -> None:
        """Show what is in use."""
        self._show()
        self.say_who_may()

    def _show(self) -> None:
        self._colours.setCurrentIndex(max(self._colours.findData(theme.in_use()[0]), 0))
        self._sizes.setCurrentIndex(max(self._sizes.findData(self._scale), 0))

    def _chosen(self) -> None:
        before = theme.in_use()[0], self._scale
        wanted = self._colours.currentData(), self._sizes.currentData()
        if wanted != before:
            self.start(self._keep(before, wanted))

    async def _keep(self, before: tuple[str, int], wanted: tuple[str, int]) -> None:
        async def use(look: tuple[str, int]) -> None:
            await change_look(self.context.app, self.context.operator, *look)
            application = QApplication.instance()
            assert isinstance(application, QApplication)  # noqa: S101 - a widget has one
            theme.apply(application, look[0], theme.in_use()[1])
            self._scale = look[1]
            self._show()

        try:
            await use(wanted)
        finally:
            self._show()
        later = " The size of the text changes when the program starts next." if wanted[1] != before[1] else ""
        self.kept(f"The look is kept.{later}", lambda: use(before))
