"""Frames that are only events are read without parsing their payload, unless it is looked at."""

import msgspec
import pytest

from cogs.twentythree.bayeux import (
    UNREADABLE,
    FrameReader,
    Gap,
    MessageReceived,
    Session,
    read_frame,
)
from tests.fakes.bayeux_peer import connected


def _event(text: bytes) -> MessageReceived:
    return MessageReceived("/a", msgspec.Raw(text))


@pytest.mark.parametrize("data", ["0", '""', "false", "null", '{"a":[1,"å"]}', "12.5"])
def test_an_event_is_decoded_and_its_payload_is_parsed_when_looked_at(data: str) -> None:
    frame = read_frame(f'[{{"channel":"/a","data":{data},"id":"7","x":{{}}}}]'.encode())

    assert isinstance(frame, list)
    (event,) = frame
    assert isinstance(event, MessageReceived)
    slow = read_frame(f'{{"data":{data}}}')
    assert isinstance(slow, dict)
    assert bytes(event.carried) == data.encode()
    assert event.data == slow["data"]
    assert event.data is event.data


@pytest.mark.parametrize(
    "frame",
    [
        '[{"channel":"/a","data":1},{"channel":"/meta/connect","successful":true,"data":1}]',
        '[{"channel":"/a"}]',
        '[{"channel":"/a","data":1,"successful":null}]',
    ],
    ids=["a reply among events", "no data", "perhaps a reply"],
)
def test_other_frames_are_parsed_whole(frame: str) -> None:
    read = read_frame(frame)

    assert isinstance(read, list)
    assert all(isinstance(message, dict) for message in read)


def test_what_is_not_utf_8_is_unreadable_even_inside_a_payload() -> None:
    assert read_frame(b'[{"channel":"/a","data":"\xff"}]') is UNREADABLE


def test_a_frame_that_nobody_can_read_is_a_span_in_which_something_may_be_missing() -> None:
    peer = connected("/a")
    peer.event("/a", 1)
    since = peer.now
    peer.now += 3

    assert peer.hand(UNREADABLE) == [Gap(since=since, until=since + 3)]
    assert peer.event("/a", 2) == [MessageReceived("/a", 2)]


def test_a_frame_that_nobody_can_read_before_there_is_a_session_is_nothing() -> None:
    session = Session()
    session.transport_opened("websocket", 0.0)

    assert session.receive(UNREADABLE, 0.0)
    assert session.events_received() == []


@pytest.mark.parametrize(("text", "data"), [(b'"\\ud800"', "\ud800"), (b"{nope", None)])
def test_a_payload_that_is_hard_to_parse_raises_nothing(text: bytes, data: object) -> None:
    assert _event(text).data == data


def test_events_are_equal_by_what_they_carry_and_say_it() -> None:
    event = _event(b"[1]")

    assert event == MessageReceived("/a", [1])
    assert event != MessageReceived("/b", [1])
    assert not event != _event(b" [ 1 ]")  # noqa: SIM202 - it is what is tested
    assert event != "something else"
    assert repr(event) == "MessageReceived(channel='/a', data=[1])"


def test_events_reach_the_reader_only_if_they_are_wanted_and_the_session_is_not_over() -> None:
    session = Session()
    session.subscribe(["/a"], 0.0)
    frame = read_frame('[{"channel":"/a","data":1},{"channel":"/b","data":2}]')

    assert not session.receive(frame, 0.0)
    assert session.events_received() == [MessageReceived("/a", 1)]
    session.disconnect(0.0)
    assert not session.receive(frame, 0.0)
    assert session.events_received() == []
    assert isinstance(frame, list)
    assert session.receive_events(frame) == ()


def test_an_event_that_came_alone_is_handed_on_as_it_came() -> None:
    session = Session()
    session.subscribe(["/a"], 0.0)
    frame: list[MessageReceived] = [MessageReceived("/a", 1)]
    other: list[MessageReceived] = [MessageReceived("/b", 1)]

    assert session.receive_events(frame) is frame
    assert session.receive_events(other) == []


def test_no_pattern_covers_a_meta_channel() -> None:
    session = Session()
    session.subscribe(["/**"], 0.0)

    session.receive(read_frame('[{"channel":"/meta/x","data":1},{"channel":"/b","data":2}]'), 0.0)
    assert session.events_received() == [MessageReceived("/b", 2)]


def test_text_and_bytes_are_decoded() -> None:
    assert read_frame("[]") == read_frame(b"[]") == []


@pytest.mark.parametrize(
    "text",
    ["", "{nope", "[" * 100_000, b"\xff\xfe\xfd", "9" * 5000],
    ids=["empty", "broken", "deep", "no UTF-8", "a number too long"],
)
def test_what_is_no_json_is_unreadable_and_does_not_raise(text: str | bytes) -> None:
    assert read_frame(text) is UNREADABLE


@pytest.mark.parametrize("frame", ["[" + "{}," * 50_001 + "{}]", b"[" + b"{}," * 50_001 + b"{}]"])
def test_a_frame_of_too_many_objects_is_not_read(frame: str | bytes) -> None:
    assert read_frame(frame) is UNREADABLE


@pytest.mark.parametrize("text", [b'"' + b"a" * 2**18 + b'"', b"[" + b"0," * 10_001 + b"0]"])
def test_a_payload_too_long_or_of_too_many_values_is_none(text: bytes) -> None:
    assert _event(text).data is None


_ONE = '[{"channel":"/a","data":{"x":[1,"å"]}}]'


def _parsed_at_once(reader: FrameReader, frame: str | bytes = _ONE, *, looks: bool = True) -> int:
    """Read a thousand frames; return how many of them were parsed whole."""
    number = 0
    for _ in range(1000):
        received = reader.read(frame)
        assert isinstance(received, list)
        (event,) = received
        assert isinstance(event, MessageReceived)
        number += event.is_parsed
        assert not looks or event.data == {"x": [1, "å"]}
    return number


def test_payloads_are_parsed_with_their_frames_while_they_are_looked_at() -> None:
    reader = FrameReader()
    before = _parsed_at_once(reader)

    assert (before, _parsed_at_once(reader)) == (498, 998)
    # The last two samples of before were looked at.
    assert _parsed_at_once(reader, looks=False) == 998
    # Up to the next sample.
    assert _parsed_at_once(reader, looks=False) == 6
    assert _parsed_at_once(reader) < 1000
    assert _parsed_at_once(reader) == 998


def test_a_burst_of_a_thousand_that_is_looked_at_afterwards_is_parsed_all_the_same() -> None:
    reader = FrameReader()
    _parsed_at_once(reader)

    for _ in range(4):
        frames = [reader.read(_ONE) for _ in range(1000)]
        events = [event for frame in frames if isinstance(frame, list) for event in frame]
        assert sum(event.is_parsed for event in events) == 998
        assert all(event.data == {"x": [1, "å"]} for event in events)


def test_no_payload_is_parsed_with_a_large_frame() -> None:
    reader = FrameReader()
    _parsed_at_once(reader)

    assert _parsed_at_once(reader, _ONE + " " * 4096) == 0


def test_a_parsed_event_is_like_any_other() -> None:
    reader = FrameReader()
    _parsed_at_once(reader)
    received = reader.read(_ONE)

    assert isinstance(received, list)
    (event,) = received
    assert isinstance(event, MessageReceived)
    assert event.is_parsed
    assert event == MessageReceived("/a", {"x": [1, "å"]})
    match event:
        case MessageReceived(channel, {"x": [1, _]}):
            assert channel == "/a"
        case _:
            pytest.fail("it does not match")
    session = Session()
    session.subscribe(["/a"], 0.0)
    assert session.receive_events(received) is received
    assert not session.receive(received, 0.0)
    assert session.events_received() == [event]
