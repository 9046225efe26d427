"""Where an object's news are published."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeAddress:
    """Where an object's news are published; ``None`` where the workspace does not tell.

    ``comments_root`` is the root channel (``/<root>``) to put a sub-channel to, ``events`` the
    whole name of the channel of a live event's changes. Both are secrets: not to be shown.
    ``is_whole``: no source that might have told more has failed.
    """

    url: str | None = None
    comments_root: str | None = field(default=None, repr=False)
    events: str | None = field(default=None, repr=False)
    is_whole: bool = True

    def over(self, before: RealtimeAddress | None) -> RealtimeAddress:
        """Return what is known now: what a failure kept back is as it was before."""
        if before is None or self.is_whole:
            return replace(self, is_whole=True)
        return RealtimeAddress(
            url=self.url or before.url,
            comments_root=self.comments_root or before.comments_root,
            events=self.events or before.events,
        )
