"""What somebody asks of the rules of an attachment or a follow."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from .model import AtEnd, AttachmentRules, CommentPolicy, ObjectKind
from .places import PostingPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAsked:
    """What is asked of the rules, by their names; ``None`` leaves what is set, or the default.

    ``mentions_nobody`` takes away the role that was set, ``has_no_text`` the words.
    ``has_calendar`` is of follows alone, and no rule of what they attach.
    """

    comments: CommentPolicy | None = None
    announces_live: bool | None = None
    mention_role_id: int | None = None
    mentions_nobody: bool = False
    max_age_s: int | None = None
    at_end: AtEnd | None = None
    has_actions: bool | None = None
    start_text: str | None = None
    has_no_text: bool = False
    place: PostingPlace | None = None
    has_calendar: bool | None = None

    def applied(self, kind: ObjectKind, before: AttachmentRules | None) -> AttachmentRules:
        """Return the rules that come of it; ``kind`` is that of the object, for the defaults."""
        rules = before or AttachmentRules(announces_live=kind is ObjectKind.LIVE)
        if self.mentions_nobody:
            rules = replace(rules, mention_role_id=None)
        if self.has_no_text:
            rules = replace(rules, start_text="")
        asked = {one.name: getattr(self, one.name) for one in fields(AttachmentRules)}
        return replace(rules, **{name: it for name, it in asked.items() if it is not None})
