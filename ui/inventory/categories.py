"""The tree of categories: made, renamed, moved and taken away, by keys."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from pos_app.errors import Conflict
from pos_app.services.category import CategoryNode, category_tree, keep_category
from pos_app.services.category_remove import category_use, remove_category
from ui.actions import shortcut
from ui.context import Context
from ui.inventory.ask import AskSheet, ask
from ui.style.theme import px
from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import WorkSheet

BLAME = {"category.name": "Name", "category.taken": "Name", "code.card_number": "Name"}
TOP = "At the top"


class CategorySheet(WorkSheet):
    """Enter renames the category chosen; `changed` says what was done last, empty where nothing was."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        """Lay out; categories are read by `load`."""
        super().__init__(context, "Categories", parent, go="Rename", width=720)
        self.changed = ""
        self.nodes: list[CategoryNode] = []
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setProperty("role", "results")
        self.tree.setAccessibleName("Categories")
        self.tree.setMinimumHeight(px(300))
        self._none = label("No categories yet. Alt+N makes one.", "muted")
        self.body.addWidget(self.tree)
        self.body.addWidget(self._none)
        self._none.hide()
        self._buttons = {}
        for place, (text, key, act) in enumerate(
            (("New", "Alt N", self.new), ("Move", "Alt M", self.put_elsewhere), ("Take away", "Del", self.take_away)), 1
        ):
            button = self._buttons[text] = KeyButton(text, key, size="big")
            button.clicked.connect(lambda _=False, act=act: act())
            shortcut(self, key.replace(" ", "+"), act, within=False)
            self.foot.insertWidget(place, button)
        self.tree.setFocus(Qt.FocusReason.OtherFocusReason)

    async def load(self) -> None:
        """Read the tree."""
        self._show(await category_tree(self.context.app))

    def _show(self, nodes: list[CategoryNode], name: str = "") -> None:
        """Show a tree; the category of that name is the one chosen, else the one that was."""
        chosen = self.chosen
        self.nodes = nodes
        self.tree.clear()
        made: dict[int, QTreeWidgetItem] = {}
        for node in nodes:
            item = made[node.id] = QTreeWidgetItem([node.name])
            item.setData(0, Qt.ItemDataRole.UserRole, node.id)
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, " › ".join(node.path))
            above = made.get(node.parent_id) if node.parent_id is not None else None
            if above is None:
                self.tree.addTopLevelItem(item)
            else:
                above.addChild(item)
            if node.name == name or (not name and chosen is not None and node.id == chosen.id):
                self.tree.setCurrentItem(item)
        self.tree.expandAll()
        if self.chosen is None and (first := self.tree.topLevelItem(0)) is not None:
            self.tree.setCurrentItem(first)
        self._none.setVisible(not nodes)
        for button in (self.go, self._buttons["Move"], self._buttons["Take away"]):
            button.setEnabled(bool(nodes))

    @property
    def chosen(self) -> CategoryNode | None:
        """The category chosen."""
        item = self.tree.currentItem()
        number = None if item is None else item.data(0, Qt.ItemDataRole.UserRole)
        return next((node for node in self.nodes if node.id == number), None)

    # What is done

    def new(self) -> None:
        """Make one, inside the one chosen or elsewhere."""
        self._start(self._new())

    def submit(self) -> None:
        """Rename the one chosen."""
        self._start(self._rename())

    def put_elsewhere(self) -> None:
        """Put the one chosen, and what is inside it, elsewhere."""
        self._start(self._put_elsewhere())

    def take_away(self) -> None:
        """Take the one chosen away."""
        self._start(self._take_away())

    def _start(self, work: Any) -> None:
        if self.tasks.idle:
            self.tasks.start(work)
        else:
            work.close()

    async def _new(self) -> None:
        async def make(sheet: AskSheet) -> list[CategoryNode]:
            return await keep_category(
                self.context.app, self.context.operator, sheet.answers[0], parent_id=sheet.chosen
            )

        await self._ask(
            "New category", {"Name": ""}, "Add", make, lambda name: f"“{name}” is there.",
            options=self._places(), choose="Where",
        )  # fmt: skip

    async def _rename(self) -> None:
        if (node := self.chosen) is None:
            return

        async def rename(sheet: AskSheet) -> list[CategoryNode]:
            return await self._keep(node, sheet.answers[0], node.parent_id)

        await self._ask(
            "Rename a category",
            {"Name": node.name},
            "Rename",
            rename,
            lambda name: f"“{node.name}” is “{name}” now.",
        )

    async def _put_elsewhere(self) -> None:
        if (node := self.chosen) is None:
            return

        async def move(sheet: AskSheet) -> list[CategoryNode]:
            return await self._keep(node, node.name, sheet.chosen)

        places = self._places(but=node)
        await self._ask(
            "Move a category", {}, "Move", move, lambda _: f"“{node.name}” is moved.", name=node.name,
            note=f"“{node.name}” goes there with all that is inside it.", options=places, choose="Where",
        )  # fmt: skip

    async def _take_away(self) -> None:
        if (node := self.chosen) is None:
            return
        use = await category_use(self.context.app, node.id)
        count = self.context.fmt.count
        above = next((one for one in self.nodes if one.id == node.parent_id), None)
        said = [f"“{node.name}” is taken away."]
        if use.inside:
            inside = "What is inside it goes" if use.inside == 1 else f"The {count(use.inside)} categories inside it go"
            said.append(f"{inside} {f'into “{above.name}”' if above else 'to the top'}.")
        options: dict[str, Any] = {}
        if use.titles:
            said.append(f"It has {'1 title' if use.titles == 1 else f'{count(use.titles)} titles'}.")
            options = {f"Into “{above.name}”": above.id} if above else {}
            options |= {"Into no category": None}
        app, operator = self.context.app, self.context.operator

        async def remove(sheet: AskSheet) -> list[CategoryNode]:
            def progress(done: int, total: int) -> None:
                sheet.message.say(f"{count(done)} of {count(total)} titles moved.", aloud=False)

            to = sheet.chosen
            return await remove_category(app, operator, node.id, node.version, titles_to=to, progress=progress)

        await self._ask(
            "Take a category away", {}, "Take away", remove, lambda _: f"“{node.name}” is gone.", note=" ".join(said),
            options=options, choose="Its titles go", name=above.name if above else "",
        )  # fmt: skip

    async def _keep(self, node: CategoryNode, name: str, parent_id: int | None) -> list[CategoryNode]:
        return await keep_category(
            self.context.app,
            self.context.operator,
            name,
            parent_id=parent_id,
            category_id=node.id,
            version=node.version,
        )

    async def _ask(
        self,
        title: str,
        fields: Mapping[str, str],
        go: str,
        act: Any,
        told: Callable[[str], str],
        *,
        name: str = "",
        **more: Any,
    ) -> None:
        """Ask, do it, show the tree as it is then."""
        try:
            asked = await ask(self.context, self, title, fields, go, act=self._minding(act), blame=BLAME, **more)
        finally:
            self.tree.setFocus(Qt.FocusReason.OtherFocusReason)
        if asked is not None:
            name = " ".join(asked.answers[0].split()) if asked.answers else name
            self._show(asked.made, name)
            self.changed = told(name)
            self.message.say(f"{self.changed} Ctrl+Z in the list takes it back.", "ok")

    def _minding(self, act: Any) -> Any:
        """The act; where somebody else was first, the tree behind the question is theirs then."""

        async def carry_out(sheet: AskSheet) -> list[CategoryNode]:
            try:
                nodes: list[CategoryNode] = await act(sheet)
            except Conflict as error:
                self._show(error.current)
                raise
            return nodes

        return carry_out

    def _places(self, but: CategoryNode | None = None) -> dict[str, Any]:
        """Where a category can be put: not inside itself. The place it is in comes first, or the one chosen."""
        here = self.chosen if but is None else next((one for one in self.nodes if one.id == but.parent_id), None)
        places: dict[str, Any] = {TOP: None}
        for node in self.nodes:
            if but is None or node.path[: but.depth + 1] != but.path:
                places["Inside " + " › ".join(node.path)] = node.id
        first = TOP if here is None else "Inside " + " › ".join(here.path)
        return {first: places.pop(first)} | places
