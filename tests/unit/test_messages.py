"""Every refusal the program can raise has its sentence, and every sentence gets the parts it names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from pos_app.domain.permission import Grant, Permission, UserRole, check_grant
from pos_app.errors import Conflict, Refused, Unavailable
from pos_app.messages import SENTENCES, plain, sentence

ROOT = Path(__file__).parents[2]
RAISED = {kind.__name__ for kind in (Refused, Conflict, Unavailable)}


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """Each place that makes an error: where, its code, and the parts it gives."""
    for folder in ("pos_app", "ui"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                    continue
                where = f"{file.relative_to(ROOT)}:{node.lineno}"
                for code in node.args[:1] if node.func.id in RAISED else []:
                    if isinstance(code, ast.Constant) and isinstance(code.value, str):
                        yield where, code.value, {keyword.arg or "**" for keyword in node.keywords}
                # A typed text is refused under the code it is checked with.
                for code in node.args[2:3] if node.func.id in ("free_text", "free_lines") else []:
                    if isinstance(code, ast.Constant) and isinstance(code.value, str):
                        yield where, code.value, {"limit"}


PLACES = list(raised())


def test_the_places_are_found() -> None:
    assert len(PLACES) > 80


@pytest.mark.parametrize(("where", "code", "parts"), PLACES, ids=[f"{where}-{code}" for where, code, _ in PLACES])
def test_each_error_has_a_sentence_and_gives_it_its_parts(where: str, code: str, parts: set[str]) -> None:
    assert code in SENTENCES, f"{where} raises {code}, which has no sentence"
    named = {name for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name}
    assert "**" in parts or named <= parts, f"{where} does not give {named - parts}"


def test_no_sentence_is_left_over() -> None:
    assert SENTENCES.keys() <= {code for _, code, _ in PLACES}


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_each_sentence_is_one_line_that_begins_and_ends_as_one(code: str) -> None:
    text = SENTENCES[code]
    assert "\n" not in text
    assert text[0].isupper() or text[0] in "{“"
    assert text[-1] in ".?!}"


def test_a_code_without_a_sentence_still_gives_something_readable() -> None:
    assert "nobody.wrote_this" in sentence(Refused("nobody.wrote_this"))


def test_what_a_title_holds_cannot_be_taken_for_a_part() -> None:
    text = sentence(Refused("stock.short", title="{0} %s {x}", wanted=2, available=1))
    assert "{0} %s {x}" in text


def test_plain_text_steers_no_terminal() -> None:
    assert plain("a\x1b[31mb\r\nc\u202ed") == "a�[31mb��c�d"


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("code", ["right.missing", "right.limit"])
def test_a_right_is_named_in_plain_words(code: str, permission: Permission) -> None:
    said = sentence(Refused(code, permission=permission.value, role="cashier", amount=1, most=0))
    assert ": " in said
    assert "_" not in said
    assert not said.startswith("That did not work")


def test_who_may_is_named_as_the_shop_has_it() -> None:
    with pytest.raises(Refused) as refused:
        check_grant(Grant(allowed=False), UserRole.CASHIER, Permission.VOID, None, {UserRole.ADMIN, UserRole.MANAGER})
    assert sentence(refused.value) == "You may not do this: voiding a sale. Ask a manager or an admin."
    with pytest.raises(Refused) as refused:
        check_grant(Grant(allowed=True, most=1), UserRole.CASHIER, Permission.MOVE_CASH, 2, {UserRole.ADMIN})
    assert sentence(refused.value) == "That is beyond your limit: cash in or out. Ask an admin."
    with pytest.raises(Refused) as refused:
        check_grant(Grant(allowed=False), UserRole.CASHIER, Permission.TRAIN, None)
    assert sentence(refused.value).endswith("Nobody may: an admin can allow it in Settings.")


def test_none_is_said_in_words() -> None:
    said = sentence(Refused("return.too_many", title="Emma", left=0))
    assert said == "“Emma”: none on this receipt can still come back. Scan another receipt, if there is one."


COUNTER = (
    "cart.",
    "payment.",
    "line.",
    "discount.",
    "quantity.",
    "price.",
    "amount.",
    "gift_card.",
    "return.",
    "right.",
)
# There is nothing more to do about these.
DONE = {"cart.nothing_to_undo", "payment.missing", "right.fixed"}


@pytest.mark.parametrize("code", [code for code in sorted(SENTENCES) if code.startswith(COUNTER)])
def test_a_refusal_at_the_counter_names_the_next_step(code: str) -> None:
    text = SENTENCES[code]
    assert code in DONE or re.search(r"[.;:] .|again| first", text), text
    assert "_" not in re.sub(r"\{\w+\}", "", text)
