from ui.page import Page
class OrdersPage(Page):
    title="Orders"
