"""What the commands say, as pure text. Titles are hostile; Discord's markup is our own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ..domain.cards import AtDetach
from ..domain.deeds import LogNotice
from ..domain.following import Follow
from ..domain.model import (
    Attachment,
    BoardNotice,
    CommentNotice,
    Notice,
    ObjectInfo,
    ObjectKind,
    ProgrammeNotice,
)
from ..embeds import escaped, one_line, safe_url

# https://discord.com/developers/docs/resources/message#create-message-jsonform-params
MAX_CONTENT = 2000
_MAX_TITLE = 100
# A reply holds 2000 characters; an address longer than this is left out.
_MAX_URL = 400
_REFUSALS = {
    "automod": "AutoMod blocks its words",
    "harmful link": "Discord holds a link in it to be harmful",
    "explicit content": "Discord holds it to be explicit",
}


def disarmed(text: str, limit: int = _MAX_TITLE) -> str:
    """Return the text on one line so that Discord shows it as typed: no markup, no mention."""
    return escaped(one_line(text, limit))


def label(found: ObjectInfo, limit: int = 100) -> str:
    """Return the object's name for a menu, where Discord reads no markup.

    The title is cut, and not what tells it from others of the same title.
    """
    kind = "Live" if found.kind is ObjectKind.LIVE else "Video"
    parts = [str(found.object_id)]
    if found.is_on_air:
        parts.append("live now")
    elif found.at is not None:
        parts.append(f"{found.at:%d %b %Y}")
    if not found.is_public:
        parts.append("private")
    told = "".join(f" · {part}" for part in parts)
    return one_line(f"{kind}: {found.title}", limit - len(told)) + told


def link(found: ObjectInfo) -> str:
    """Return the title as a link; as bare text where the address cannot be one."""
    title = disarmed(found.title) or str(found.object_id)
    address = safe_url(found.url)
    if address is None or len(address) > _MAX_URL:
        return title
    return f"[{title}](<{address}>)"


def refusal(reason: str, limit: int) -> str:
    """Return why Discord refused a message."""
    return _REFUSALS.get(reason) or disarmed(reason, limit)


def subject(notice: Notice) -> str:
    """Return what a notice is about, with its link."""
    if isinstance(notice, ProgrammeNotice):
        return "the list of planned live events"
    if isinstance(notice, BoardNotice):
        return f"the board of questions on {link(notice.object)}"
    if isinstance(notice, LogNotice):
        return "an entry of the log"
    if not isinstance(notice, CommentNotice):
        return link(notice.object)
    address = safe_url(notice.object.url, fragment=f"comment-{notice.comment.comment_id}")
    what = "a comment"
    if address is not None and len(address) <= _MAX_URL:
        what = f"[{what}](<{address}>)"
    return f"{what} on {link(notice.object)}"


def room(room_id: int) -> str:
    """Return a reference that Discord shows as the room's name."""
    return f"<#{room_id}>"


def role(role_id: int) -> str:
    """Return a reference that Discord shows as the role's name."""
    return f"<@&{role_id}>"


def when(moment: datetime | None) -> str:
    """Return how long ago that was, kept up to date by Discord."""
    return "never" if moment is None else f"<t:{int(moment.timestamp())}:R>"


def moment(at: datetime | None, style: str) -> str:
    """Return a time that Discord shows in each reader's zone; ``style`` is Discord's letter."""
    return "a time that is not known" if at is None else f"<t:{int(at.timestamp())}:{style}>"


def attached(shown: Sequence[Attachment]) -> str:
    """Return how many objects are attached, and how often where that is more."""
    objects = len({one.object.object_id for one in shown})
    times = "" if len(shown) == objects else f", attached {len(shown)} times"
    return many(objects, "object") + times


# What Discord says of the option ``cards`` of ``/video detach`` and ``unfollow``.
CARDS = "Cards of what is planned or live: deleted, or kept with a note; default: deleted"


def cards_left(count: int, cards: AtDetach) -> list[str]:
    """Return, on a line, what becomes of the cards of what was detached."""
    if not count:
        return []
    what = many(count, "card")
    if cards is AtDetach.DELETE:
        return [f"- {what} of what is planned or live {'is' if count == 1 else 'are'} deleted."]
    return [f"- {what} of what is planned or live will say “No longer followed here”."]


def scope(follow: Follow) -> str:
    """Return what is followed."""
    return _scope(follow, "" if follow.category is None else disarmed(follow.category.title))


def plain_scope(follow: Follow) -> str:
    """Return what is followed, as text that is disarmed where it is shown."""
    return _scope(follow, "" if follow.category is None else follow.category.title)


def _scope(follow: Follow, category: str) -> str:
    what = "live events" if follow.kind is ObjectKind.LIVE else "new videos"
    if follow.category is None:
        return f"all {what} of the workspace"
    return f"{what} in the category “{category}”"


def overlaps(follow: Follow, others: Iterable[Follow]) -> list[str]:
    """Return, a line each, which follows bring the same objects into the same room."""
    return [
        f"- Overlaps: the room follows {scope(one)}, too; what both find is attached once."
        for one in others
        if (one.room_id, one.kind) == (follow.room_id, follow.kind)
        and one.follow_id != follow.follow_id
        and None in {one.category, follow.category}
    ]


def scope_label(follow: Follow, room_name: str) -> str:
    """Return a follow for a menu, where Discord reads no markup."""
    what = "Live events" if follow.kind is ObjectKind.LIVE else "Videos"
    where = "everywhere" if follow.category is None else follow.category.title
    return one_line(f"{what}: {where} · {room_name}", 100)


def many(count: int, one: str, more: str | None = None) -> str:
    """Return ``1 notice``, ``2 notices``."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def cut(text: str) -> str:
    """Return as much of an answer as Discord takes."""
    return text if len(text) <= MAX_CONTENT else text[: MAX_CONTENT - 1] + "…"


def listed(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:  # noqa: PLR2004 - two words are the first that need an "and"
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
