from __future__ import annotations

from cogs.twentythree.domain.room_settings import (
    NOTHING_SET,
    Layout,
    RoomSettings,
    RoomSettingsAsked,
)


def test_what_a_room_does_not_say_is_what_its_server_says() -> None:
    server = RoomSettingsAsked(is_silent=True, hidden=("spam",))
    room = RoomSettingsAsked(layout=Layout.LINES, hidden=())

    below = server.over(RoomSettings())
    assert NOTHING_SET.over(below) == below
    assert room.over(below) == RoomSettings(layout=Layout.LINES, is_silent=True)


def test_what_is_asked_for_leaves_what_else_is_set() -> None:
    before = RoomSettingsAsked(is_silent=True, min_length=3)

    assert before.changed_by(RoomSettingsAsked(min_length=0)) == RoomSettingsAsked(
        is_silent=True, min_length=0
    )
    assert before.changed_by(NOTHING_SET) == before
