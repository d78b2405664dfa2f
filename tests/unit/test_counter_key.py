"""A shop's own keys at the counter: which can be pressed, told apart and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.counter_key import COUNTER_KEYS, check_counter_keys, counter_keys_text, read_counter_keys
from pos_app.errors import Refused


@pytest.mark.parametrize(
    "key",
    ["", "A", "5", "Return", "Esc", "Tab", "Space", "F1", "F2", "F13", "Ctrl+L", "Ctrl+Q", "Ctrl+1", "Alt+F4", "+"],
)
def test_what_is_typed_scanned_or_the_same_everywhere_is_no_key(key: str) -> None:
    with pytest.raises(Refused, match=r"key\.unfit"):
        check_counter_keys({"F6": key})


def test_a_key_stands_for_one_act_and_the_other_is_named() -> None:
    with pytest.raises(Refused) as refused:
        check_counter_keys({"F6": "F7"})
    assert (refused.value.code, refused.value.params["act"]) == ("key.taken", COUNTER_KEYS["F7"])
    with pytest.raises(Refused) as refused:
        check_counter_keys({"F7": "F6"})
    assert refused.value.params["act"] == COUNTER_KEYS["F6"]
    check_counter_keys({"F6": "F7", "F7": "F6"})


@given(st.permutations(list(COUNTER_KEYS)))
def test_any_exchange_of_keys_reads_back(keys: list[str]) -> None:
    own = dict(zip(COUNTER_KEYS, keys, strict=True))
    changed = {usual: key for usual, key in own.items() if usual != key}
    assert read_counter_keys(counter_keys_text(own)) == changed


@pytest.mark.parametrize("text", ["F6", "F6=", "=F7", "F99=F3", "F6=F7", "nonsense", "F6=F13"])
def test_nonsense_that_is_stored_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"key\."):
        read_counter_keys(text)
