"""Attaching an object to a room: find it, read what is there, store it all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from ..api import WorkspaceClient
from ..relay.model import (
    AttachmentRules,
    Comment,
    CommentPolicy,
    ObjectInfo,
    ObjectKind,
)
from ..relay.policy import accepts
from ..storage import Attached, NewAttachment, Store
from .model import WantedAttachment
from .readings import Readings


class Attaching:
    """The use case behind ``/video attach``."""

    def __init__(
        self,
        api: WorkspaceClient,
        store: Store,
        readings: Readings,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._api = api
        self._store = store
        self._readings = readings
        self._now = now

    async def attach(self, wanted: WantedAttachment) -> Attached:
        """Attach the object, or change the rules where it is attached already.

        The first attach is silent: what is there already is remembered, not posted, but for
        the newest ``backfill`` comments that the room takes.

        Raises:
            WorkspaceError: the object cannot be found or read; nothing was stored.
        """
        info = await self._api.find(wanted.object_id)
        before = await self._store.attachments(room_id=wanted.room_id, object_id=wanted.object_id)
        rules = rules_of(wanted, info, before[0].rules if before else None)
        # Also where it is attached already: a room that now takes more must not get the old.
        baseline = await self._readings.baseline(info)
        return await self._store.attach(
            NewAttachment(
                guild_id=wanted.guild_id,
                room_id=wanted.room_id,
                forum_id=wanted.forum_id,
                object=info,
                rules=rules,
                attached_by=wanted.attached_by,
            ),
            baseline,
            backfill=backfill_of(baseline.comments, rules.comments, wanted.backfill),
            now=self._now(),
        )


def rules_of(
    wanted: WantedAttachment, info: ObjectInfo, before: AttachmentRules | None
) -> AttachmentRules:
    """Return the rules asked for; what was left open stays as it was, or takes its default."""
    old = before or AttachmentRules(announces_live=info.kind is ObjectKind.LIVE)
    kept_role_id = None if wanted.mentions_nobody else old.mention_role_id
    return AttachmentRules(
        comments=old.comments if wanted.comments is None else wanted.comments,
        announces_live=old.announces_live if wanted.live is None else wanted.live,
        mention_role_id=(
            kept_role_id if wanted.mention_role_id is None else wanted.mention_role_id
        ),
        max_age_s=old.max_age_s if wanted.max_age_s is None else wanted.max_age_s,
    )


def backfill_of(
    comments: Sequence[Comment], policy: CommentPolicy, count: int
) -> tuple[Comment, ...]:
    """Return the newest ``count`` comments that the policy takes, oldest first."""
    taken = [comment for comment in comments if accepts(policy, comment)]
    taken.sort(key=lambda comment: comment.comment_id)
    return tuple(taken[-count:]) if count else ()
