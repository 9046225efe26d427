"""Frames that are only events are read without parsing their payload."""

import pytest

from cogs.twentythree.bayeux import UNREADABLE, Envelope, MessageReceived, read_frame
from cogs.twentythree.bayeux.session import Session


@pytest.mark.parametrize("data", ["0", '""', "false", "null", '{"a":[1,"å"]}', "12.5"])
def test_an_event_is_an_envelope_and_its_payload_is_parsed_when_looked_at(data: str) -> None:
    frame = read_frame(f'[{{"channel":"/a","data":{data},"id":"7","x":{{}}}}]'.encode())

    assert isinstance(frame, list)
    (envelope,) = frame
    assert isinstance(envelope, Envelope)
    slow = read_frame(f'{{"data":{data}}}')
    assert isinstance(slow, dict)
    assert envelope.opened().data == slow["data"]


@pytest.mark.parametrize(
    "frame",
    ['[{"channel":"/a","data":1},{"channel":"/meta/connect","data":1}]', '[{"channel":"/a"}]'],
    ids=["a meta message among events", "no data"],
)
def test_other_frames_are_parsed_whole(frame: str) -> None:
    read = read_frame(frame)

    assert isinstance(read, list)
    assert all(isinstance(message, dict) for message in read)


def test_what_is_not_utf_8_is_unreadable_even_inside_a_payload() -> None:
    assert read_frame(b'[{"channel":"/a","data":"\xff"}]') is UNREADABLE


@pytest.mark.parametrize(("text", "data"), [(b'"\\ud800"', "\ud800"), (b"{nope", None)])
def test_a_payload_that_is_hard_to_parse_raises_nothing(text: bytes, data: object) -> None:
    assert MessageReceived.unread("/a", text).data == data


def test_events_are_equal_by_what_they_carry_and_say_it() -> None:
    event = MessageReceived.unread("/a", b"[1]")

    assert event == MessageReceived(channel="/a", data=[1])
    assert event != MessageReceived(channel="/b", data=[1])
    assert event != "something else"
    assert repr(event) == "MessageReceived(channel='/a', data=[1])"


def test_envelopes_reach_the_reader_only_if_they_are_wanted_and_the_session_is_not_over() -> None:
    session = Session()
    session.subscribe(["/a"], 0.0)
    frame = read_frame('[{"channel":"/a","data":1},{"channel":"/b","data":2}]')

    assert not session.receive(frame, 0.0)
    assert session.events_received() == [MessageReceived(channel="/a", data=1)]
    session.disconnect(0.0)
    assert not session.receive(frame, 0.0)
    assert session.events_received() == []
