from ui.page import Page
class InventoryPage(Page):
    title="Inventory"
