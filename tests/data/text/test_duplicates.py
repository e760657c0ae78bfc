from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rectinet.data.text import Duplicates, Review
from rectinet.data.text.review import plain_text, text_key


def test_each_text_passes_once_and_the_others_are_counted() -> None:
    duplicates = Duplicates()
    test = [Review("Fine food."), Review("fine  food!"), Review("Cold")]
    train = [Review("COLD", 1.0), Review("Warm", 4.0), Review("...", 2.0), Review("warm", 5.0)]
    kept = {
        "test": [review for _, review in duplicates.removed(test, "test")],
        "train": [review for _, review in duplicates.removed(train, "train")],
    }
    assert kept == {"test": [test[0], test[2]], "train": [train[1]]}
    assert duplicates.counts == {("test", "test"): 1, ("train", "test"): 1, ("train", "train"): 1}
    assert duplicates.describe() == (
        "duplicates removed: 1 in test, 1 of test in train, 1 in train; without words, removed: 1"
    )
    assert Duplicates().describe() == "duplicates removed: none"


@given(st.lists(st.text("ab ", max_size=4)))
def test_what_passes_are_the_different_texts(texts: list[str]) -> None:
    found = [text for _, (text, *_) in Duplicates().removed(map(Review, texts), "all")]
    letters = [text.replace(" ", "") for text in found]
    assert len(set(letters)) == len(letters)
    assert set(letters) == {text.replace(" ", "") for text in texts} - {""}


def test_what_does_not_make_a_text_another_one() -> None:
    removed_upstream = "It ends.Then it starts"
    as_downloaded = plain_text("It ends.<br /><BR>Then it starts")
    assert text_key(as_downloaded) == text_key(removed_upstream)
    assert text_key("Straße") == text_key("STRASSE")
    assert text_key("It ends. Then it starts again") != text_key(removed_upstream)
    assert text_key(" -_!") == b""
    assert text_key("a\ud800") != text_key("b\ud800")  # half a character, as JSON may hold
