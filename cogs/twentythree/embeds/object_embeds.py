"""What is said of objects: the card of a live event, a new video, a programme, a digest, a deed.

A card is the same embed from "soon" to the end of its event. What was set is kept in English on the
trail, and said in the language that is spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, assert_never

from ..domain.acting import Deed, Effect
from ..domain.cards import filled
from ..domain.deeds import Action, LogNotice
from ..domain.model import (
    DigestNotice,
    LiveNotice,
    LivePhase,
    LiveState,
    ObjectInfo,
    Planned,
    ProgrammeNotice,
    VideoNotice,
)
from ..languages import many, noted, retold, tr, tr_as, tr_many
from .charts import chart_of, chart_text, with_chart
from .report_embeds import lasted
from .text import MAX_BUTTON_URL, disarm, safe_url, title, with_references

# Options whose values people choose; their names are the same in all languages.
CHOSEN = frozenset(
    {
        *("comments", "live", "at_end", "actions", "place", "calendar"),
        *("layout", "silent", "kinds", "language"),
    }
)
# Of these the number of words is kept.
_COUNTED = frozenset({"hide", "unhide"})
# Before an option, a room of `/video setup`, or its moderators: a value may hold commas as well.
_BETWEEN = re.compile(r", (?=[a-z_]+: |<#\d+>: |moderators <@)")
_SET = re.compile(r"([a-z_]+|<#\d+>): (.+)", re.DOTALL)
# Ten lines of these fit into a description, whatever the titles are.
_MAX_PLANNED_TITLE = 90
_MAX_PLANNED_URL = 250
# Of an entry of the trail.
_MAX_ACTOR, _MAX_LOGGED_TITLE, _MAX_DETAIL = 64, 90, 300
# Of what an event is about: its first lines, and who speaks.
_MAX_ABOUT, _MAX_ABOUT_LINES = 300, 3
_MAX_SPEAKER, _MOST_SPEAKERS = 60, 6
# In a line above a card.
_MAX_START_URL = 400
_WITH_PICTURE = frozenset({LivePhase.IDLE, LivePhase.SOON, LivePhase.LIVE})
_RELEASED = noted("**No longer followed here**: what becomes of it is on its page.")
_DEEDS: dict[str, str] = {
    Action.PROMOTE: noted("promoted a comment"),
    Action.UNPROMOTE: noted("took a promotion back"),
    Action.ANSWER: noted("marked a question as answered"),
    Action.REOPEN: noted("reopened a question"),
    Action.DISMISS: noted("dismissed a question"),
    Action.REPLY: noted("replied to a comment"),
    Action.DELETE: noted("deleted a comment"),
    Action.COPY: noted("copied a chat line to the questions"),
    Deed.ATTACH: noted("attached"),
    Deed.DETACH: noted("detached"),
    Deed.OPTIONS: noted("changed the options"),
    Deed.FOLLOW: noted("set a follow"),
    Deed.UNFOLLOW: noted("dropped a follow"),
    Deed.MODERATORS: noted("set who may act on comments"),
    Deed.LOG: noted("set where this is told"),
    Deed.BOARD: noted("put up a board of questions"),
    Deed.IMPORT: noted("took over a configuration"),
    Deed.ROOM: noted("set a room"),
    Deed.DEFAULTS: noted("set what rooms have"),
    Deed.SETUP: noted("set up"),
}
_SOMETHING = noted("did something")
_EFFECTS: dict[str, str] = {
    Effect.ALREADY: noted("Somebody was first."),
    Effect.GONE: noted("The comment is gone."),
    Effect.REFUSED: noted("The workspace refused it."),
    Effect.NOT_DONE: noted("Not done: the workspace did not answer."),
    Effect.DROPPED: noted("Nobody confirmed it."),
}
_COLOURS = {
    LivePhase.IDLE: 0x8A94A6,
    LivePhase.SOON: 0x4F8EF7,
    LivePhase.LIVE: 0xE5383B,
    LivePhase.ENDED: 0x5C677D,
    LivePhase.CANCELLED: 0x5C677D,
}


def detail_told(detail: str) -> str:
    """Say what was set: options as they were typed, with the words of what was chosen.

    What people have typed themselves stays as it is, and what is not known as well.
    """
    if (whole := retold(detail)) != detail:
        return whole
    return ", ".join(_told(part) for part in _BETWEEN.split(detail))


def _told(part: str) -> str:
    found = _SET.fullmatch(part)
    if found is None:
        return retold(part)
    name, value = found.groups()
    if name in CHOSEN or name.startswith("<#"):
        value = tr_as("choice", value)
    elif name in _COUNTED:
        value = retold(value)
    return f"{name}: {value}"


def live_embed(notice: LiveNotice, *, with_charts: bool = False) -> dict[str, Any]:
    """Render the card. ``with_charts``: the chart is a picture of the message, else it is text.

    The picture's address changes with the state: Discord keeps a picture for as long as its
    address stays the same, and a live event's picture does not.
    """
    if notice.is_end:
        return _end_embed(notice)
    state = notice.state
    mark = f"{state.phase}-{state.broadcast}"
    embed: dict[str, Any] = {
        "title": title(notice.object.title),
        "description": "\n".join(filter(None, _lines(notice, with_charts=with_charts))),
        "color": _COLOURS[LivePhase.IDLE if notice.is_released else state.phase],
    }
    if (url := safe_url(notice.object.url, fragment=_identity(notice))) is not None:
        embed["url"] = url
    picture = safe_url(notice.object.picture_url or "", query=f"state={mark}")
    if picture is not None and state.phase in _WITH_PICTURE:
        embed["image"] = {"url": picture}
    if with_charts and notice.series is not None:
        with_chart(embed, chart_of(notice.series))
    return embed


def _end_embed(notice: LiveNotice) -> dict[str, Any]:
    """Render the one line that tells of an end: it leads to the message of the start."""
    name = title(notice.object.title)
    page = safe_url(notice.object.url, fragment=_identity(notice))
    url = page if notice.start_url is None else safe_url(notice.start_url)
    link = "" if url is None else f" [»]({url})"
    ended = tr("**Ended**")
    return {
        "description": f"{ended} · {name}{_length(notice.state)}{link}",
        "color": _COLOURS[LivePhase.ENDED],
    }


def _lines(notice: LiveNotice, *, with_charts: bool) -> Iterator[str]:
    state = notice.state
    if notice.is_released:
        yield tr(_RELEASED)
        return
    yield _phase(state)
    yield " · ".join((*_viewers(state), *_written(notice)))
    if notice.series is not None and not with_charts:
        yield chart_text(notice.series, with_peak=False)
    if state.phase in _WITH_PICTURE:
        yield from _about_event(notice.object)
    recording = safe_url(state.recording_url or "")
    # As a button, unless its address is too long for one.
    if state.phase is LivePhase.ENDED and recording and len(recording) > MAX_BUTTON_URL:
        yield tr("[Watch the recording](<{recording}>)", recording=recording)


def _about_event(of: ObjectInfo) -> Iterator[str]:
    """Yield who speaks, and the first lines of what it is about."""
    if names := _named_speakers(of):
        yield "-# " + tr("With {names}", names=names)
    yield disarm(of.description or "", _MAX_ABOUT, max_lines=_MAX_ABOUT_LINES).text


def _named_speakers(of: ObjectInfo) -> str:
    names = [disarm(one, _MAX_SPEAKER).text for one in of.speakers[:_MOST_SPEAKERS]]
    more = len(of.speakers) - _MOST_SPEAKERS
    shown = ", ".join(name for name in names if name)
    return tr("{shown} and {more} more", shown=shown, more=more) if shown and more > 0 else shown


def _written(notice: LiveNotice) -> Iterator[str]:
    if notice.state.phase is LivePhase.ENDED:
        if notice.comments:
            yield many(notice.comments, "comment")
        if notice.questions:
            yield many(notice.questions, "question")


def video_embed(notice: VideoNotice) -> dict[str, Any]:
    """Render what is said of a new video, or of what a thread is opened for."""
    embed: dict[str, Any] = {
        "title": title(notice.object.title),
        "description": tr("**New video**")
        if notice.is_new
        else tr("What is said here is in the thread."),
        "color": _COLOURS[LivePhase.SOON],
    }
    fragment = "new-video" if notice.is_new else "card"
    if (url := safe_url(notice.object.url, fragment=fragment)) is not None:
        embed["url"] = url
    if (picture := safe_url(notice.object.picture_url or "")) is not None:
        embed["image"] = {"url": picture}
    return embed


def digest_embed(notice: DigestNotice) -> dict[str, Any]:
    """Render what is said in place of comments that waited too long."""
    since, until = int(notice.since.timestamp()), int(notice.until.timestamp())
    embed: dict[str, Any] = {
        "title": title(notice.object.title),
        "description": tr_many(
            "**{count} comment** from {since} to {until} could not be posted here in time. It is "
            "on the page.",
            "**{count} comments** from {since} to {until} could not be posted here in time. They "
            "are on the page.",
            notice.count,
            since=f"<t:{since}:f>",
            until=f"<t:{until}:f>",
        ),
        "color": _COLOURS[LivePhase.IDLE],
    }
    if (url := safe_url(notice.object.url, fragment=f"digest-{since}-{until}")) is not None:
        embed["url"] = url
    return embed


def start_content(notice: LiveNotice) -> str:
    """Return the line above the card of a start: the role's mention, and what for.

    Without a role and words of the room's own there is none; nor is there once it is over.
    """
    if not _is_starting(notice):
        return ""
    role_id = mentioned_role(notice)
    words = start_words(notice.start_text, notice.object, notice.state)
    if role_id is None:
        return words
    is_live = tr("{title} is live", title=title(notice.object.title))
    return f"<@&{role_id}> {words or is_live}"


def start_words(text: str, of: ObjectInfo, state: LiveState) -> str:
    """Return words of a room's own for a start, with what is to stand in their places."""
    url, began = safe_url(of.url), state.started_at or state.scheduled_at
    values = {
        "title": title(of.title),
        "start": "" if began is None else _stamp(began, "t"),
        "url": "" if url is None or len(url) > _MAX_START_URL else f"<{url}>",
        "speakers": _named_speakers(of),
    }
    return filled(text, values)


def _is_starting(notice: LiveNotice) -> bool:
    return notice.is_start and notice.state.phase is LivePhase.LIVE and not notice.is_released


def mentioned_role(notice: LiveNotice) -> int | None:
    """Return the role that is mentioned: at a start only, and only while it is still true."""
    return notice.mention_role_id if _is_starting(notice) else None


def _identity(notice: LiveNotice) -> str:
    kind = "start" if notice.is_start else "end" if notice.is_end else "card"
    when = notice.state.scheduled_at
    if kind != "card" or when is None:
        return f"live-{kind}-{notice.state.broadcast}"
    return f"live-{kind}-{int(when.timestamp())}"


def _phase(state: LiveState) -> str:
    match state.phase:
        case LivePhase.SOON:
            word = tr("**Soon**") if state.is_near else tr("**Planned**")
            return " · ".join(filter(None, (word, *_start(state))))
        case LivePhase.LIVE:
            return _since(
                tr("🔴 **Live**"), noted("🔴 **Live** since {when}"), state.started_at, "t"
            )
        case LivePhase.ENDED:
            ended = _since(tr("**Ended**"), noted("**Ended** {when}"), state.ended_at, "f")
            return ended + _length(state)
        case LivePhase.CANCELLED:
            was = noted("**Cancelled** · was planned for {when}")
            return _since(tr("**Cancelled**"), was, state.scheduled_at, "F")
        case LivePhase.IDLE:
            return tr("**Not live**")
        case _:
            assert_never(state.phase)


def _start(state: LiveState) -> Iterator[str]:
    """Yield when an event is to start, and when it was to before."""
    if state.scheduled_at is not None:
        yield tr("starts {when}", when=_moment(state.scheduled_at, "F"))
    if state.moved_from is not None:
        yield tr("was {when}", when=_stamp(state.moved_from, "f"))


def _since(word: str, known: str, when: datetime | None, style: str) -> str:
    """Return a word alone, or where the time is known, a text with that."""
    return word if when is None else tr(known, when=_moment(when, style))


def _moment(when: datetime, style: str) -> str:
    return f"{_stamp(when, style)} ({_stamp(when, 'R')})"


def _stamp(when: datetime, style: str) -> str:
    return f"<t:{int(when.timestamp())}:{style}>"


def _length(state: LiveState) -> str:
    if state.started_at is None or state.ended_at is None:
        return ""
    minutes = max(0, int((state.ended_at - state.started_at).total_seconds())) // 60
    return f" · {lasted(minutes)}"


def _viewers(state: LiveState) -> Iterator[str]:
    if state.phase is LivePhase.LIVE and state.viewers_now is not None:
        yield tr_many("{count} watching", "{count} watching", state.viewers_now)
    # Nobody asks for the peak of nothing, or of what is the most until now.
    now = state.viewers_now if state.phase is LivePhase.LIVE else None
    is_after = state.phase in (LivePhase.LIVE, LivePhase.ENDED)
    if is_after and state.viewers_peak and state.viewers_peak != now:
        yield tr("{count} at the peak", count=state.viewers_peak)


def programme_embed(notice: ProgrammeNotice) -> dict[str, Any]:
    """Render the programme: an item for each event, with the time in the reader's own zone."""
    lines = [_planned(one) for one in notice.planned]
    if notice.more:
        lines.append(tr("and {more} more", more=notice.more))
    return {
        "title": tr("Planned live events"),
        "description": "\n".join(lines) or tr("Nothing is planned."),
        "color": _COLOURS[LivePhase.SOON],
    }


def _planned(one: Planned) -> str:
    stamp = int(one.at.timestamp())
    name = title(one.object.title, _MAX_PLANNED_TITLE)
    url = safe_url(one.object.url, fragment=f"planned-{one.object.object_id}")
    link = f" [»]({url})" if url is not None and len(url) <= _MAX_PLANNED_URL else ""
    return f"- **{name}**{link} · <t:{stamp}:f> (<t:{stamp}:R>)"


def log_embed(notice: LogNotice) -> dict[str, Any]:
    """Render an entry of a server's trail: who did what, to what, and what came of it."""
    name = disarm(notice.actor.name, _MAX_ACTOR).text or str(notice.actor.user_id)
    parts = [
        tr("**{name}** {deed}", name=name, deed=tr(_DEEDS.get(notice.deed, _SOMETHING))),
        *_about(notice),
    ]
    lines = [
        " · ".join(parts),
        tr(_EFFECTS.get(notice.effect, "")),
        with_references(detail_told(notice.detail), _MAX_DETAIL),
        f"<t:{int(notice.at.timestamp())}:f>",
    ]
    return {"description": "\n".join(filter(None, lines)), "color": _COLOURS[LivePhase.IDLE]}


def _about(notice: LogNotice) -> Iterator[str]:
    if notice.object_title:
        # No two entries have the same address: by it one is found again in its room.
        url = safe_url(notice.object_url, fragment=f"entry-{notice.entry_id}")
        link = f" [»]({url})" if url is not None and len(url) <= _MAX_PLANNED_URL else ""
        yield title(notice.object_title, _MAX_LOGGED_TITLE) + link
    if notice.room_id is not None:
        yield f"<#{notice.room_id}>"
