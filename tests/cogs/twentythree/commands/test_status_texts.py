from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cogs.twentythree.commands.status import of_object, overall, refused
from cogs.twentythree.domain.barring import Bar, Pause
from cogs.twentythree.domain.model import AttachmentRules, CommentPolicy, RoomId
from cogs.twentythree.domain.troubles import Fault, Kind
from cogs.twentythree.intake import BridgeStatus, Mode, ObjectStatus
from cogs.twentythree.storage import Refused
from tests.fakes.bridge import a_follow, an_attachment, an_object
from tests.fakes.notices import comment_notice

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
STAMP = f"<t:{int(NOON.timestamp())}:R>"


def a_status(mode: Mode = Mode.REALTIME, **changes: object) -> BridgeStatus:
    values: dict[str, object] = {
        "mode": mode,
        "connected_since": NOON,
        "last_event_at": None,
        "lag_s": None,
        "pending": 0,
        "last_error": None,
    }
    return BridgeStatus(**(values | changes))  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    ("mode", "said"),
    [(Mode.REALTIME, "**Realtime**"), (Mode.POLLING, "**Polling**"), (Mode.IDLE, "**Idle**")],
)
def test_each_mode_is_said_in_words(mode: Mode, said: str) -> None:
    assert overall(a_status(mode), []).startswith(said)


@pytest.mark.parametrize(
    ("ahead_s", "said"),
    [(600.0, "10 minutes slow"), (-61.0, "1 minute fast"), (29.0, None)],
)
def test_a_wrong_clock_is_told(ahead_s: float, said: str | None) -> None:
    text = overall(a_status(clock_ahead_s=ahead_s), [])

    assert ("The clock of the bot's machine" in text) == (said is not None)
    assert said is None or said in text


def test_a_calm_status_is_short() -> None:
    assert overall(a_status(), [an_attachment()]).split("\n")[1:] == [
        f"- Connected {STAMP}; all servers share the connection",
        "- Last event: never",
        "- Waiting: 0 notices",
        "- Attached in this server: 1 object",
        "- Last error: none",
    ]


def test_what_is_wrong_is_said_with_its_age_and_reason() -> None:
    paused = an_attachment(pause=Pause(reason="lacks Embed Links", since=NOON))
    text = overall(
        a_status(pending=2, lag_s=61.4, connected_since=None),
        [paused],
    )

    assert text.startswith("**Nothing can be posted in 1 room**. The reasons are below;")

    assert "- Waiting: 2 notices, the oldest for 61 s" in text
    assert f"- Paused: <#{paused.room_id}> {STAMP}: lacks Embed Links" in text
    assert "Connected" not in text


def test_many_paused_rooms_do_not_fill_the_answer() -> None:
    pause = Pause(reason="x" * 500, since=NOON)
    paused = [an_attachment(room_id=RoomId(number), pause=pause) for number in range(40)]

    text = overall(a_status(), paused)

    assert "- and 32 more paused rooms" in text
    assert text.count("- Paused:") == 8


def test_an_objects_status_says_what_becomes_of_old_comments_where_there_are_any() -> None:
    state = ObjectStatus(
        mode=Mode.REALTIME, channels=(), last_event_at=None, last_read_at=None, last_error=None
    )
    public, never = (
        AttachmentRules(comments=CommentPolicy.PUBLIC),
        AttachmentRules(comments=CommentPolicy.ALL, max_age_s=0),
    )
    held = [
        an_attachment(room_id=RoomId(number), rules=rules)
        for number, rules in enumerate([public, never, public, AttachmentRules()], start=1)
    ]

    lines = [line for line in of_object(state, held).split("\n") if "that wait" in line]

    assert lines == [
        "- Comments that wait in <#1> and <#3>: after 6 hours one notice that counts them",
        "- Comments that wait in <#2>: posted however late",
    ]


def test_an_objects_status_names_its_rooms_and_what_it_listens_to() -> None:
    state = ObjectStatus(
        mode=Mode.POLLING,
        channels=("comments", "live events"),
        last_event_at=NOON,
        last_read_at=None,
        last_error=None,
    )
    held = an_attachment(info=an_object(title="*Talk*", url=""))

    text = of_object(state, [held])

    assert text.startswith(rf"\*Talk\* in <#{held.room_id}>")
    assert "- Listens to: comments and live events" in text
    assert f"- Last event: {STAMP}" in text
    assert "- Last read from the workspace: never" in text


def test_an_object_that_is_verified_first_says_so_and_until_when() -> None:
    state = ObjectStatus(
        mode=Mode.REALTIME,
        channels=("comments",),
        last_event_at=None,
        last_read_at=None,
        last_error=None,
    )
    assert "verified" not in of_object(state, [an_attachment()])
    text = of_object(replace(state, verified_until=NOON), [an_attachment()])

    assert "- Realtime is verified first, since" in text
    assert f"this ends {STAMP}" in text


def test_no_error_is_said_only_where_all_goes_out() -> None:
    private = replace(
        an_attachment(pause=Pause(reason="It is private.", since=NOON)), bar=Bar.NOT_PUBLIC
    )
    calm = overall(a_status(), [an_attachment()])

    assert "- Last error: none" in calm
    assert "none" not in overall(a_status(), [private])
    assert "none" not in overall(a_status(), [], [a_follow(error="No access.")])
    assert "none" not in overall(a_status(), [], gone=["- Refused"])
    assert "none" not in overall(a_status(), [], faults={Kind.REALTIME_AWAY: Fault()})
    assert "**1 notice for this server" in overall(a_status(pending=1, lag_s=61.0), [])


def test_what_discord_refused_is_said_with_its_reason_and_link_in_five_lines_at_most() -> None:
    held = an_attachment()
    gone = [
        Refused(
            room_id=held.room_id,
            notice=comment_notice(7),
            message_id=None,
            reason=reason,
            at=NOON,
            is_final=reason == "automod",
        )
        for reason in ("automod", "refused, code 99999", *["automod"] * 6)
    ]
    hidden = replace(gone[0], room_id=RoomId(404))

    first, second, *_, last = refused([hidden, *gone], [held])
    link = "https://video.example.com/bridge"
    assert first == (
        f"- Refused in <#{held.room_id}> {STAMP}, given up: AutoMod blocks its words; "
        f"[a comment](<{link}#comment-7>) on [How to bridge](<{link}>)"
    )
    assert "tried again: refused, code 99999;" in second
    assert last == "- and 4 more were refused"
    assert len(refused(gone, [held])) == 5
