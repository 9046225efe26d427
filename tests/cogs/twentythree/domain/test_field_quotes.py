"""What a comment answers, as rows and realtime messages tell of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.twentythree.domain.decoding import decode_comments
from cogs.twentythree.domain.fields import MAX_QUOTE, comment_from_row
from cogs.twentythree.domain.model import CommentId, CommentKind, ObjectId, Quote

OBJECT = ObjectId(800001)
ASKED = CommentId(900001)
ROW: dict[str, Any] = {
    "comment_id": 900002,
    "object_id": 800001,
    "comment_type": "chat",
    "promoted_p": False,
    "name": "Staff",
    "content_text": "Because.",
}
QUESTION: dict[str, Any] = {
    "comment_id": 900001,
    "comment_type": "question",
    "promoted_p": True,
    "name": "Ada",
    "email": "ada@example.org",
    "content_text": "Why?",
}
WHOLE = Quote(
    comment_id=ASKED, author="Ada", text="Why?", kind=CommentKind.QUESTION, is_promoted=True
)


def quote(**values: object) -> Quote | None:
    found = comment_from_row(ROW | values, OBJECT)
    assert found is not None
    return found.answers


@pytest.mark.parametrize("told", [900001, "900001", 900001.0], ids=repr)
def test_an_id_alone_is_a_quote_of_a_private_question_without_words(told: object) -> None:
    assert quote(reply_to_comment_id=told) == Quote(comment_id=ASKED)
    assert quote(reply_to=told) == Quote(comment_id=ASKED)
    assert Quote(comment_id=ASKED).kind is CommentKind.QUESTION
    assert not Quote(comment_id=ASKED).is_promoted


@pytest.mark.parametrize(
    "told", [None, "", 0, -1, True, "x", [], {}, [{}], float("nan"), 2**70], ids=repr
)
def test_what_is_no_id_is_no_quote(told: object) -> None:
    assert quote(reply_to_comment_id=told) is None
    assert quote(reply_to=told) is None


@pytest.mark.parametrize("name", ["reply_to_comment", "reply_to_comments", "reply_to"])
@pytest.mark.parametrize("spelled", [QUESTION, QUESTION | {"comment_id": "900001"}])
def test_details_are_found_wherever_they_are_told(name: str, spelled: dict[str, Any]) -> None:
    assert quote(**{name: spelled}) == WHOLE
    assert quote(**{name: [spelled]}) == WHOLE
    assert quote(reply_to_comment_id="900001", **{name: spelled}) == WHOLE


def test_details_without_an_id_are_those_of_the_id_that_is_told() -> None:
    bare = {name: value for name, value in QUESTION.items() if name != "comment_id"}

    assert quote(reply_to_comment_id=900001, reply_to_comment=bare) == WHOLE
    assert quote(reply_to_comment=bare) is None


def test_details_of_another_comment_are_not_believed() -> None:
    others = [QUESTION | {"comment_id": 5}, QUESTION]

    assert quote(reply_to_comment_id=900001, reply_to_comment=others[0]) == Quote(comment_id=ASKED)
    assert quote(reply_to_comment_id=900001, reply_to_comments=others) == WHOLE


def test_no_comment_answers_itself() -> None:
    assert quote(reply_to_comment_id=900002) is None
    assert quote(reply_to_comment=QUESTION | {"comment_id": 900002}) is None


def test_words_are_plain_and_short_and_no_address_is_a_name() -> None:
    html = QUESTION | {
        "content_text": "",
        "content": "<p>Why <b>so</b>?</p>",
        "name": "a@b.example",
    }
    told = quote(reply_to_comment=html)

    assert told is not None
    assert (told.author, told.text) == ("Guest", "Why so?")
    for words in ({"content_text": "x" * 10_000}, {"content_text": "", "content": "x" * 10_000}):
        told = quote(reply_to_comment=QUESTION | words)
        assert told is not None
        assert told.text == "x" * MAX_QUOTE


def test_details_of_an_unknown_kind_count_as_a_private_question() -> None:
    told = quote(reply_to_comment={"comment_id": 900001, "content_text": "Hi", "name": "Ada"})

    assert told == Quote(comment_id=ASKED, author="Ada", text="Hi")


@pytest.mark.parametrize(
    "data",
    [
        ROW | {"reply_to_comment_id": 900001, "reply_to_comment": QUESTION},
        {"event": "comment", "comment": ROW | {"reply_to_comment": QUESTION}},
        [ROW | {"reply_to": QUESTION}],
    ],
)
def test_realtime_messages_are_read_the_same_way(data: object) -> None:
    decoded = decode_comments(data, OBJECT)

    assert [one.answers for one in decoded.comments] == [WHOLE]
    assert not decoded.is_hint


def test_a_message_with_too_much_markup_in_its_quotes_is_a_hint() -> None:
    heavy = QUESTION | {"content_text": "", "content": "<p>" * 100}
    decoded = decode_comments([ROW | {"reply_to_comment": heavy}] * 100, OBJECT)

    assert decoded.is_hint
    assert 0 < len(decoded.comments) < 100


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    details=st.dictionaries(st.sampled_from([*QUESTION, "content", "reply_to"]), ANYTHING),
    where=st.sampled_from(["reply_to_comment", "reply_to_comments", "reply_to"]),
    number=ANYTHING,
)
def test_no_quote_raises_and_every_one_can_be_stored(
    details: dict[str, Any], where: str, number: object
) -> None:
    for told in (details, [details, details], number):
        found = quote(**{"reply_to_comment_id": number} | {where: told})
        if found is not None:
            f"{found.author}{found.text}".encode()
            assert found.comment_id > 0
