"""The workspace's verbs for another process.

Verb and what it takes (optional in brackets):
add_category(title, [is_hidden]) · add_video(title, [is_published, category_id, live_id]) ·
add_live(title, [is_private, category_id]) · categorize(object_id, category_id) ·
post_comment(object_id, text, [kind, author, position_s, comment_id]) ·
forge(object_id, text, [kind, author, is_promoted, comment_id, count]) ·
edit_object(object_id, [title, is_published, is_protected, is_private, is_draft]) ·
promote(comment_id, [is_promoted]) ·
edit_comment(comment_id, [text, author]) · set_status(comment_id, status) ·
delete_comment(comment_id) · schedule(live_id, start) · go_live(live_id) ·
end_broadcast(live_id, [is_over]) · cancel(live_id) · set_viewers(live_id, count) · comments() ·
published([since]) · calls([method, since]) · lose(count) · down(is_down) ·
fault([method, times, status, is_refused, level, lie, renames, drops, hangs, delay_s]) ·
wait_for_fault(fault_id, [timeout_s]) · release_fault(fault_id) · clear_faults() ·
options([any of WorkspaceOptions that may change])
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import asdict

from .faults import Lie, WorkspaceFault
from .model import Level
from .options import ChannelPlace, Payload
from .server import Workspace

_PATIENCE_S = 60.0


def functions(workspace: Workspace) -> dict[str, Callable[..., object]]:
    """Return the verbs by name. Each raises ``Problem`` or ``ValueError`` with a sentence."""
    changes, own = workspace.changes, _Functions(workspace)
    return {
        "add_category": workspace.state.add_category,
        "add_video": workspace.state.add_video,
        "add_live": workspace.state.add_live,
        "categorize": workspace.state.categorize,
        "post_comment": changes.post_comment,
        "forge": changes.forge,
        "edit_object": changes.edit_object,
        "promote": changes.promote,
        "edit_comment": changes.edit_comment,
        "set_status": changes.set_status,
        "delete_comment": changes.delete_comment,
        "schedule": changes.schedule,
        "go_live": changes.go_live,
        "end_broadcast": changes.end_broadcast,
        "cancel": changes.cancel,
        "set_viewers": changes.set_viewers,
        "comments": own.comments,
        "published": own.published,
        "calls": own.calls,
        "lose": own.lose,
        "down": own.down,
        "fault": own.fault,
        "wait_for_fault": own.wait_for_fault,
        "release_fault": own.release_fault,
        "clear_faults": own.clear_faults,
        "options": own.options,
    }


class _Functions:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._faults: list[WorkspaceFault] = []

    def comments(self) -> list[object]:
        return list(self._workspace.state.comments.values())

    def published(self, since: int = 0) -> list[object]:
        """Messages, oldest first; ``since`` leaves out so many."""
        return list(self._workspace.changes.published[since:])

    def calls(self, method: str = ".*", since: int = 0) -> list[object]:
        """Calls, oldest first; ``since`` leaves out so many, ``method`` is an expression."""
        calls = list(self._workspace.log)[since:]
        return [one for one in calls if re.fullmatch(method, one.method)]

    def lose(self, count: int) -> None:
        self._workspace.changes.losing = count

    def down(self, *, is_down: bool) -> None:
        self._workspace.is_down = is_down

    def fault(
        self,
        *,
        method: str = ".*",
        times: int | None = 1,
        status: int | None = None,
        is_refused: bool = False,
        level: Level | None = None,
        lie: Lie | None = None,
        renames: dict[str, str] | None = None,
        drops: bool = False,
        hangs: bool = False,
        delay_s: float = 0.0,
    ) -> dict[str, int]:
        fault = WorkspaceFault(
            method=method,
            times=times,
            status=status,
            is_refused=is_refused,
            level=level,
            lie=lie,
            renames=renames or {},
            drops=drops,
            hangs=hangs,
            delay_s=delay_s,
        )
        self._faults.append(self._workspace.add_fault(fault))
        return {"fault_id": len(self._faults)}

    async def wait_for_fault(self, fault_id: int, timeout_s: float = _PATIENCE_S) -> dict[str, int]:
        fault = self._fault(fault_id)
        async with asyncio.timeout(timeout_s):
            await fault.reached.wait()
        return {"hits": fault.hits}

    def release_fault(self, fault_id: int) -> None:
        self._fault(fault_id).release()

    def clear_faults(self) -> None:
        self._workspace.clear_faults()

    def options(
        self,
        *,
        versions: frozenset[str] | None = None,
        is_closed: bool | None = None,
        is_caching: bool | None = None,
        place: ChannelPlace | None = None,
        has_sub_channel: bool | None = None,
        is_absolute: bool | None = None,
        payload: Payload | None = None,
        tells_deletions: bool | None = None,
        most_per_page: int | None = None,
        domain: str | None = None,
        https_url: str | None = None,
        date_offset_s: float | None = None,
        promote_level: Level | None = None,
        publish_timeout_s: float | None = None,
    ) -> dict[str, object]:
        """Change what is given and return all."""
        given = {
            "versions": versions,
            "is_closed": is_closed,
            "is_caching": is_caching,
            "place": place,
            "has_sub_channel": has_sub_channel,
            "is_absolute": is_absolute,
            "payload": payload,
            "tells_deletions": tells_deletions,
            "most_per_page": most_per_page,
            "domain": domain,
            "https_url": https_url,
            "date_offset_s": date_offset_s,
            "promote_level": promote_level,
            "publish_timeout_s": publish_timeout_s,
        }
        options = self._workspace.options
        for name, value in given.items():
            if value is not None:
                setattr(options, name, value)
        shown = {name: value for name, value in asdict(options).items() if name in given}
        return shown | {"versions": sorted(options.versions)}

    def _fault(self, fault_id: int) -> WorkspaceFault:
        if not 0 < fault_id <= len(self._faults):
            raise ValueError(f"There is no fault {fault_id}.")
        return self._faults[fault_id - 1]
