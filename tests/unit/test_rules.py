"""States, rights and search words."""

import itertools

import pytest

from pos_app.domain.order_status import OrderStatus, allowed_moves, can_move, check_move
from pos_app.domain.permission import PERMISSIONS, Permission, UserRole, allowed
from pos_app.domain.search import fold, sort_key
from pos_app.errors import Refused
from pos_app.ids import Ids
from pos_app.messages import SENTENCES

S = OrderStatus
MOVES = {
    (S.PENDING, S.CONFIRMED),
    (S.PENDING, S.CANCELLED),
    (S.CONFIRMED, S.SHIPPED),
    (S.CONFIRMED, S.DELIVERED),
    (S.CONFIRMED, S.CANCELLED),
    (S.SHIPPED, S.DELIVERED),
    (S.SHIPPED, S.CANCELLED),
}


@pytest.mark.parametrize(("status", "to"), list(itertools.product(S, S)))
def test_orders_move_as_allowed_and_no_other_way(status: S, to: S) -> None:
    assert can_move(status, to) == ((status, to) in MOVES)
    if (status, to) not in MOVES:
        with pytest.raises(Refused):
            check_move(status, to)


def test_what_is_delivered_or_cancelled_stays_so() -> None:
    assert allowed_moves(S.DELIVERED) == allowed_moves(S.CANCELLED) == ()


def test_each_role_may_what_the_one_below_may_and_a_customer_nothing() -> None:
    order = [UserRole.USER, UserRole.CASHIER, UserRole.MANAGER, UserRole.ADMIN]
    for lower, higher in itertools.pairwise(order):
        assert set(PERMISSIONS[lower]) < set(PERMISSIONS[higher])
    assert not PERMISSIONS[UserRole.USER]
    assert not allowed(UserRole.CASHIER, Permission.EDIT_BOOKS)
    assert allowed(UserRole.MANAGER, Permission.CORRECT_STOCK)
    assert not allowed(UserRole.MANAGER, Permission.MANAGE_USERS)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Les Misérables", "les miserables"),
        ("Straße", "strasse"),
        ("Łódź, Æsir & Øre", "lodz aesir ore"),
        ("Cafe\u0301", "cafe"),
        ("Harry Potter's", "harry potters"),
        ("1984", "1984"),
        ("  a\t\nb ", "a b"),
        ("“NEAR(*”", "near"),
        ("Война и мир", "воина и мир"),
    ],
)
def test_text_is_folded_to_plain_words(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_title_of_signs_only_still_sorts() -> None:
    assert sort_key("???") == "???"
    assert len(sort_key("x" * 1000)) == 255


def test_ids_grow_are_unique_and_are_version_seven() -> None:
    ids = Ids()
    made = [ids.new() for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {one[14] for one in made} == {"7"}
    assert {one[19] for one in made} <= set("89ab")


def test_every_refusal_has_a_sentence_that_ends_like_one() -> None:
    for code, text in SENTENCES.items():
        assert text.rstrip()[-1] in ".}", code
