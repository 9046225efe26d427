"""The options of ``/video attach`` and ``follow`` that set rules: each is described here, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args, get_origin

import discord
from discord import app_commands

from ..domain.cards import MAX_TEXT, wrong_in
from ..domain.fields import identity
from ..domain.following import Follow
from ..domain.model import AtEnd, AttachmentRules, CommentPolicy
from ..domain.places import PostingPlace
from ..domain.rules_asked import RulesAsked
from ..languages import noted, number, retold, tr, tr_as, within_line
from . import words
from .described_options import Takes, check_calendar, check_place, place_text, takes_options
from .replies import Refusal
from .room_option import ChosenRoom, check_bot, check_member, check_mention

_HOUR_S = 3600
_MAX_HOURS = 7 * 24
_MAX_SHOWN = 200

_POLICIES = {
    CommentPolicy.PROMOTED: noted("promoted comments only"),
    CommentPolicy.PUBLIC: noted("comments and chat; questions once they are promoted"),
    CommentPolicy.ALL: noted("all comments, chat and questions, unpromoted questions included"),
    CommentPolicy.NONE: noted("no comments"),
}
_TEXT = "text"
_CALENDAR = "calendar"
# What is usual goes without saying.
_AT_END = {
    AtEnd.EDIT: "",
    AtEnd.DELETE: noted("the messages are deleted at the end"),
    AtEnd.ANNOUNCE: noted("a message of its own tells of the end"),
}


def policy(rules: AttachmentRules) -> str:
    """Return which comments are posted."""
    return tr(_POLICIES[rules.comments])


def live(rules: AttachmentRules) -> str:
    """Return what is posted about live state."""
    if not rules.announces_live:
        return tr("not announced")
    if rules.mention_role_id is None:
        said = tr("announced, nobody is mentioned")
    else:
        role = words.role(rules.mention_role_id)
        said = tr("announced, {role} is mentioned at the start", role=role)
    return "; ".join(filter(None, (said, tr(_AT_END[rules.at_end]))))


def max_age(rules: AttachmentRules) -> str:
    """Return what becomes of comments that could not be posted for long."""
    if rules.max_age_s == 0:
        return tr("posted however late")
    if rules.max_age_s == _HOUR_S:
        return tr("after 1 hour one notice that counts them")
    hours = number(rules.max_age_s / _HOUR_S)
    return tr("after {hours} hours one notice that counts them", hours=hours)


def has_chat(rules: AttachmentRules) -> bool:
    """Say whether there are comments that an age limit is for; promoted ones have none."""
    return rules.comments in (CommentPolicy.PUBLIC, CommentPolicy.ALL)


def _announces_live(rules: AttachmentRules) -> bool:
    return rules.announces_live


def start_text(rules: AttachmentRules) -> str:
    """Return the words of one's own that a live start says, as they were typed."""
    return words.quoted(rules.start_text, _MAX_SHOWN) if rules.start_text else tr("as usual")


def _has_start_text(rules: AttachmentRules) -> bool:
    return rules.announces_live and bool(rules.start_text)


def _is_acted_on(rules: AttachmentRules) -> bool:
    return rules.has_actions and rules.comments is not CommentPolicy.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOption:
    """One option; nobody need give it.

    Attributes:
        name: as people type it.
        type: what discord.py makes of it.
        description: what Discord says of it.
        rule: what it sets, by its name in ``RulesAsked``.
        read: makes that of what was typed.
        taken_back_by: the option that takes away what it sets; a file has ``null`` for that.
        title: of the line that tells of the rule; empty: another option's line does.
        text: what that line says.
        labels: what people choose from; none: as the type has it.
        has_effect: whether the rule has one beside the others; it is told of only where it has.
        idle: what is said where it was given and has none.
        of_follows: whether it is one of `/video follow` alone.
    """

    name: str
    type: Any
    description: str
    rule: str
    read: Callable[[Any], object]
    taken_back_by: str = ""
    title: str = ""
    text: Callable[[AttachmentRules], str] = lambda _: ""
    labels: Mapping[str, str] = field(default_factory=dict)
    has_effect: Callable[[AttachmentRules], bool] = lambda _: True
    idle: str = ""
    of_follows: bool = False


OPTIONS = (
    RuleOption(
        name="comments",
        type=Literal["promoted", "public", "all", "none"],
        description=noted("Which comments; default: promoted ones only"),
        rule="comments",
        read=CommentPolicy,
        title=noted("Comments"),
        text=policy,
    ),
    RuleOption(
        name="live",
        type=Literal["on", "off"],
        description=noted("Whether to announce live state; default: on for live events"),
        rule="announces_live",
        read=lambda typed: typed == "on",
        title=noted("Live"),
        text=live,
    ),
    RuleOption(
        name="mention",
        type=discord.Role,
        description=noted("The role to mention when a broadcast starts"),
        rule="mention_role_id",
        read=lambda role: role.id,
        taken_back_by="no_mention",
        has_effect=_announces_live,
        idle=noted("Nobody is mentioned: that happens at live starts, which are off here."),
    ),
    RuleOption(
        name="max_age",
        type=app_commands.Range[int, 0, _MAX_HOURS],
        description=noted(
            "Hours after which comments that wait become one notice; 0: never; default: 6"
        ),
        rule="max_age_s",
        read=lambda hours: hours * _HOUR_S,
        title=noted("Comments that wait"),
        text=max_age,
        has_effect=has_chat,
        idle=noted("`max_age` has nothing to do here: promoted comments are always posted."),
    ),
    RuleOption(
        name="no_mention",
        type=bool,
        description=noted("Mention nobody any more"),
        rule="mentions_nobody",
        read=bool,
    ),
    RuleOption(
        name="at_end",
        type=Literal["edit", "delete", "announce"],
        description=noted(
            "What becomes of a broadcast's messages at its end; default: they are edited"
        ),
        rule="at_end",
        read=AtEnd,
        has_effect=_announces_live,
        idle=noted("`at_end` is about live events, which are off here."),
    ),
    RuleOption(
        name="actions",
        type=Literal["on", "off"],
        description=noted("Whether moderators act on comments from the room; default: off"),
        rule="has_actions",
        read=lambda typed: typed == "on",
        title=noted("Actions"),
        text=lambda rules: tr_as("choice", "on" if rules.has_actions else "off"),
        has_effect=_is_acted_on,
        idle=noted("`actions` has nothing to do here: no comments are posted."),
    ),
    RuleOption(
        name="text",
        type=app_commands.Range[str, 1, MAX_TEXT],
        description=noted("What a live start says, with {title} {start} {url} {speakers}"),
        rule="start_text",
        read=str.strip,
        taken_back_by="no_text",
        title=noted("Words at the start"),
        text=start_text,
        has_effect=_has_start_text,
        idle=noted("`text` is about live starts, which are off here."),
    ),
    RuleOption(
        name="no_text",
        type=bool,
        description=noted("Say the usual words at a live start again"),
        rule="has_no_text",
        read=bool,
    ),
    RuleOption(
        name="place",
        type=Literal["room", "thread"],
        description=noted("Where all but the live card goes; default: the room"),
        rule="place",
        read=PostingPlace,
        title=noted("Place"),
        text=place_text,
        has_effect=lambda rules: rules.place is PostingPlace.THREAD,
    ),
    RuleOption(
        name="calendar",
        type=Literal["on", "off"],
        description=noted("Whether planned events are in the server's calendar; default: off"),
        rule="has_calendar",
        read=lambda typed: typed == "on",
        has_effect=_announces_live,
        idle=noted("`calendar` is about live events, which are off here."),
        of_follows=True,
    ),
)
_TOLD = [one for one in OPTIONS if one.title]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesGiven:
    """What somebody gave of these options, and the role as Discord told of it.

    ``text``: the options as they were typed, plain; what is in there is disarmed where it is shown.
    """

    rules: RulesAsked = field(default_factory=RulesAsked)
    mention: discord.Role | None = None
    text: str = ""


def takes_rules(command: Takes) -> Takes:
    """Let a command have these options, but for those of follows, in place of ``given``."""
    return takes_options(command, [one for one in OPTIONS if not one.of_follows], _given)


def takes_follow_rules(command: Takes) -> Takes:
    """Let a command have all these options in place of its parameter ``given``."""
    return takes_options(command, OPTIONS, _given)


def _given(typed: dict[str, Any]) -> RulesGiven:
    asked: dict[str, Any] = {
        one.rule: one.read(typed[one.name]) for one in OPTIONS if typed.get(one.name) is not None
    }
    text = ", ".join(f"{name}: {_typed(it)}" for name, it in typed.items() if it is not None)
    return RulesGiven(rules=RulesAsked(**asked), mention=typed["mention"], text=text)


def _typed(value: object) -> str:
    if isinstance(value, discord.Role):
        return words.role(value.id)
    return str(value).lower() if isinstance(value, bool) else str(value)


# Options in a file, as people would type them.


def as_typed(rules: AttachmentRules) -> dict[str, Any]:
    """Return what would be typed to have these rules: texts, numbers, ``None`` for nothing."""
    held = {one.name: getattr(rules, one.name) for one in fields(AttachmentRules)}
    return {one.name: _as_typed(one, held[one.rule]) for one in OPTIONS if one.rule in held}


def follow_as_typed(follow: Follow) -> dict[str, Any]:
    """Return what would be typed to have the options of a follow."""
    return {**as_typed(follow.rules), _CALENDAR: "on" if follow.has_calendar else "off"}


def from_typed(
    options: Mapping[str, object], guild: discord.Guild, *, of_follow: bool = False
) -> RulesGiven:
    """Return what somebody gave by options in a file.

    Raises:
        Refusal: an option is not known, or cannot be what is said there.
    """
    typed: dict[str, Any] = dict.fromkeys(one.name for one in OPTIONS)
    known = {one.name: one for one in OPTIONS if of_follow or not one.of_follows}
    for name, value in options.items():
        if name not in known:
            raise Refusal(tr("There is no option `{name}`.", name=words.disarmed(name)))
        option = known[name]
        if value is None and option.taken_back_by:
            typed[option.taken_back_by] = True
        elif value is not None:
            typed[name] = _from_typed(option, value, guild)
    return _given(typed)


def _as_typed(option: RuleOption, value: Any) -> Any:
    if option.type is discord.Role:
        return None if value is None else str(value)
    if option.name == _TEXT:
        return value or None
    return next((one for one in _choices(option) if option.read(one) == value), None)


def _from_typed(option: RuleOption, value: Any, guild: discord.Guild) -> Any:
    if option.type is discord.Role:
        role = guild.get_role(identity(value) or 0)
        if role is None:
            raise Refusal(tr("The role of `{name}` is not in this server.", name=option.name))
        return role
    if option.name == _TEXT and isinstance(value, str):
        return value
    # 1 and 1.0 are equal to True.
    if not any(value == one and type(value) is type(one) for one in _choices(option)):
        raise Refusal(
            tr(
                "`{name}` cannot be `{value}`.",
                name=option.name,
                value=words.disarmed(str(value), 50),
            )
        )
    return value


def _choices(option: RuleOption) -> Iterable[Any]:
    """Return the values that may be typed, but for roles."""
    if option.type is bool:
        return (True, False)
    if get_origin(option.type) is Literal:
        return get_args(option.type)
    if option.name == _TEXT:
        return ()
    # What discord.py makes of a Range.
    return range(option.type.min_value, option.type.max_value + 1)


async def check_given(chosen: ChosenRoom, given: RulesGiven) -> None:
    """Make sure that this can be done in the room, for this member.

    Raises:
        Refusal: it cannot.
    """
    check_member(chosen)
    opens = given.rules.place is PostingPlace.THREAD
    if opens:
        check_place(chosen)
    await check_bot(chosen, opens=opens)
    _check_text(given.rules)
    if given.rules.has_calendar:
        check_calendar(chosen)
    if given.mention is not None:
        if given.rules.mentions_nobody:
            raise Refusal(tr("`mention` and `no_mention` cannot both be; leave one of them out."))
        check_mention(chosen, given.mention)


def _check_text(asked: RulesAsked) -> None:
    if asked.start_text is None:
        return
    if asked.has_no_text:
        raise Refusal(tr("`text` and `no_text` cannot both be; leave one of them out."))
    if wrong := wrong_in(asked.start_text):
        raise Refusal(tr("`text` cannot be that. {wrong}", wrong=retold(wrong)))


# What is said of rules.


def lines(rules: AttachmentRules) -> list[str]:
    """Return the rules, a line each."""
    return [f"- {tr(one.title)}: {one.text(rules)}" for one in _TOLD if one.has_effect(rules)]


def changes(before: AttachmentRules, after: AttachmentRules) -> list[str]:
    """Return what differs, a line each; empty where nothing does."""
    texts = ((tr(one.title), one.text(before), one.text(after)) for one in _TOLD)
    return [
        tr("- {title}: {new} (before: {old})", title=title, new=new, old=old)
        for title, old, new in texts
        if new != old
    ]


def idle(asked: RulesAsked, rules: AttachmentRules) -> list[str]:
    """Return, a line each, which options have no effect under these rules.

    What was turned off need not have one.
    """
    return [
        f"- {tr(one.idle)}"
        for one in OPTIONS
        if _is_asked_for(asked, one) and not one.has_effect(rules)
    ]


def _is_asked_for(asked: RulesAsked, option: RuleOption) -> bool:
    value: object = getattr(asked, option.rule)
    return bool(option.idle) and value is not None and value is not False


def small_lines(rules: AttachmentRules) -> Iterator[str]:
    """Yield the rules as ``/video list`` has them, in small letters."""
    first, second, *others = (one for one in _TOLD if one.has_effect(rules))
    yield f"-# {first.text(rules)} · {within_line(tr(second.title))}: {second.text(rules)}"
    for one in others:
        yield f"-# {within_line(tr(one.title))}: {one.text(rules)}"
