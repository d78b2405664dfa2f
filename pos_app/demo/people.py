"""The demo shop's people, all invented; addresses and numbers are from the ranges kept free for such use."""

from pos_app.domain.permission import UserRole

# Name, PIN, role; their ids are 1 to 4 in this order.
STAFF = (
    ("Ana", "1111", UserRole.CASHIER),
    ("Jo", "2222", UserRole.CASHIER),
    ("Sam", "3333", UserRole.MANAGER),
    ("Max", "4444", UserRole.ADMIN),
)
ANA, JO, SAM, MAX = 1, 2, 3, 4

CUSTOMERS = (
    "Rosa Marchetti", "T. Okafor", "J. Lindqvist", "St Anne’s School", "M. Duarte", "P. Novák", "Priya Raman",
    "Oliver Whitcombe", "Siobhán Kelly", "Hannah Goldberg", "Café Littéraire", "Yusuf Demir", "Grace Adeyemi",
    "Tomasz Zieliński", "Beatrice Hall", "Northgate Library", "Leo Fontaine", "Mei-Ling Chow", "Ruth Penhaligon",
    "Anders Bergström",
)  # fmt: skip
STREETS = ("Mill Lane", "Station Road", "Church Walk", "Orchard Close", "Bridge Street", "The Green")

# Who, which of the best known books (from 0), stars, and what they say.
REVIEWS = (
    (ANA, 0, 4, "Start it on a Friday evening; you will want the weekend."),
    (ANA, 6, 5, "The one I give to people who say they do not read."),
    (ANA, 9, 5, "Still the sharpest company in the shop."),
    (JO, 3, 5, "Staff pick. Nothing to add."),
    (JO, 13, 4, "Reads as if it were written this morning."),
    (JO, 10, 4, "Have a handkerchief ready."),
    (SAM, 12, 5, "Shelve it where people can see it: it sells itself."),
    (SAM, 4, 3, "Short, and longer every time I read it."),
    (SAM, 7, 3, "Loved at sixteen, argued with at forty."),
    (MAX, 1, 4, "My daughter has read ours to pieces."),
    (MAX, 18, 5, "Three evenings gone, gladly."),
)
