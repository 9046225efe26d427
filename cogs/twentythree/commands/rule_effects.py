"""Whether rules have any effect: whether anything would be posted, and anybody could act."""

from __future__ import annotations

from ..domain.model import AttachmentRules, CommentPolicy, ObjectKind
from ..domain.rules_asked import RulesAsked
from ..languages import noted, tr
from .replies import Refusal

_CANNOT_ACT = noted(
    "Actions are on, but the workspace's credentials may not change comments: "
    "nobody can act until the bot has credentials of the level write."
)


def check_effect(kind: ObjectKind, asked: RulesAsked, before: AttachmentRules | None) -> None:
    """Make sure that something would be posted.

    Args:
        kind: of what is attached or followed.
        asked: the rules asked for.
        before: the rules that are set already.

    Raises:
        Refusal: nothing would, or a video is to be announced as live.
    """
    if kind is ObjectKind.VIDEO and asked.announces_live:
        raise Refusal(tr("A video is never live; leave `live` out."))
    if kind is ObjectKind.VIDEO and asked.has_calendar:
        raise Refusal(tr("A video is never planned; leave `calendar` out."))
    rules = asked.applied(kind, before)
    if rules.comments is CommentPolicy.NONE and not rules.announces_live:
        if kind is ObjectKind.VIDEO:
            raise Refusal(
                tr(
                    "With these options nothing would ever be posted: a video has only comments; "
                    "choose which of them."
                )
            )
        raise Refusal(
            tr(
                "With these options nothing would ever be posted: no comments, and no live "
                "state; choose one of them."
            )
        )


def cannot_act(rules: AttachmentRules, *, can_write: bool | None) -> list[str]:
    """Return, on a line, that nobody can act although it is on; ``None``: that is not known."""
    return [f"- {tr(_CANNOT_ACT)}"] if rules.has_actions and can_write is False else []
