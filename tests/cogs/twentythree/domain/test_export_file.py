from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs.twentythree.domain.export_file import (
    MAX_BYTES,
    Export,
    ExportedAttachment,
    ExportedBoard,
    ExportedFollow,
    read,
    written,
)
from cogs.twentythree.domain.model import CategoryId, GuildId, ObjectId, ObjectKind, RoomId
from cogs.twentythree.domain.shown import BoardView
from cogs.twentythree.errors import ForeignFileError

BIG = 2**63 - 1
EXPORT = Export(
    guild_id=GuildId(BIG),
    moderators=5,
    log_room=RoomId(6),
    attachments=(
        ExportedAttachment(
            object_id=ObjectId(1), room_id=RoomId(BIG), options={"comments": "all", "max_age": 6}
        ),
    ),
    follows=(
        ExportedFollow(
            kind=ObjectKind.LIVE,
            category_id=CategoryId(71),
            room_id=RoomId(3),
            options={"mention": None},
        ),
        ExportedFollow(kind=ObjectKind.VIDEO, category_id=None, room_id=RoomId(3), options={}),
    ),
    boards=(ExportedBoard(object_id=ObjectId(1), room_id=RoomId(BIG), view=BoardView.SPEAKER),),
)


def file_of(**values: Any) -> bytes:
    return json.dumps({"version": 1, "server": "1", **values}).encode()


def test_what_was_written_is_read_back() -> None:
    assert read(written(EXPORT).encode()) == EXPORT
    empty = Export(guild_id=GuildId(1))
    assert read(written(empty).encode()) == empty


def test_ids_are_texts_and_titles_are_for_people_alone() -> None:
    titled = ExportedAttachment(
        object_id=ObjectId(1), room_id=RoomId(BIG), options={}, title="Hvornår? 🎬"
    )
    text = written(Export(guild_id=GuildId(1), attachments=(titled,)))

    (entry,) = json.loads(text)["attachments"]
    assert entry["room"] == str(BIG)
    assert entry["title"] == "Hvornår? 🎬"
    assert "Hvornår" in text
    assert read(text.encode()).attachments[0].title == ""


def test_what_people_leave_out_is_nothing() -> None:
    export = read(b"\xef\xbb\xbf" + file_of(attachments=[{"object": 1, "room": 2}], more=[1]))

    assert export.moderators is None
    assert export.follows == ()
    assert export.attachments[0].options == {}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is no JSON that can be read"),
        (b"\x89PNG\r\n", "it is no JSON that can be read"),
        (b"{", "it is no JSON that can be read"),
        (b"[" * 30_000, "it is no JSON that can be read"),
        (b"[" * 100_000, "it holds too much"),
        (b"[1]", "it holds something else"),
        (b"[" + b"1," * 60_000 + b"1]", "it holds too much"),
        (b" " * (MAX_BYTES + 1), "it is larger than 256 KiB"),
        (b"{}", "its `version` is not 1, the one that this bot writes"),
        (file_of(version=2), "its `version` is not 1, the one that this bot writes"),
        (file_of(version=True), "its `version` is not 1, the one that this bot writes"),
        (file_of(server="here"), "`server` of the file is no ID"),
        (file_of(server=True), "`server` of the file is no ID"),
        (file_of(moderators="@everyone"), "`moderators` of the file is no ID"),
        (file_of(log_room=[]), "`log_room` of the file is no ID"),
        (file_of(attachments={}), "`attachments` is no list"),
        (file_of(attachments=[1]), "entry 1 of `attachments` is something else"),
        (
            file_of(attachments=[{"object": 1, "room": 1}, {"object": 1}]),
            "`room` of entry 2 of `attachments` is no ID",
        ),
        (
            file_of(attachments=[{"object": 1, "room": 1, "options": []}]),
            "`options` of entry 1 of `attachments` are no object",
        ),
        (
            file_of(follows=[{"what": ["live"], "room": 1}]),
            "`what` of entry 1 of `follows` is none of live, videos",
        ),
        (
            file_of(boards=[{"object": 1, "room": 1, "view": "off"}]),
            "`view` of entry 1 of `boards` is none of board, speaker",
        ),
        (
            file_of(boards=[{"object": 1, "room": 1, "view": {}}]),
            "`view` of entry 1 of `boards` is none of board, speaker",
        ),
        (
            file_of(follows=[{"what": "live", "room": 1, "category": "x"}]),
            "`category` of entry 1 of `follows` is no ID",
        ),
    ],
    ids=lambda one: ascii(one)[:90],
)
def test_any_other_file_gets_a_sentence(data: bytes, why: str) -> None:
    with pytest.raises(ForeignFileError) as caught:
        read(data)

    assert str(caught.value) == f"This file is none of `/video export`: {why}."


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
NAMES = st.sampled_from(["object", "room", "what", "category", "options", "view"])
ENTRIES = st.lists(st.dictionaries(NAMES, VALUES) | VALUES, max_size=3)


@settings(deadline=None)
@given(
    st.binary(max_size=99)
    | st.fixed_dictionaries(
        {"version": st.just(1), "server": st.just(1)},
        optional={
            "moderators": VALUES,
            "log_room": VALUES,
            "attachments": ENTRIES,
            "follows": ENTRIES,
            "boards": ENTRIES,
        },
    ).map(lambda found: json.dumps(found).encode())
)
def test_no_file_ends_in_anything_but_an_export_or_a_sentence(data: bytes) -> None:
    with suppress(ForeignFileError):
        export = read(data)
        assert read(written(export).encode()) == export
