"""What the bot says of itself: ``/video status``, asked by an administrator whom no room shows."""

from __future__ import annotations

from typing import Final

from ..chat import NoReplyError, NotOfferedError
from .scene import Scene

_COMMAND: Final = "video status"
_SILENT: Final = "The application did not respond."
_PATIENCE_S: Final = 10.0


async def bot_status(scene: Scene) -> str | None:
    """Ask; return the text as the bot wrote it, ``None`` where there is no bot to ask."""
    chat = scene.sandbox.chat
    if not chat.gateway.is_ready:
        return None
    try:
        reply = await chat.people.slash(
            scene.general.id, scene.asker.id, _COMMAND, timeout_s=_PATIENCE_S
        )
    except NotOfferedError:
        return None
    except NoReplyError:
        return _SILENT
    said = (reply.content, *(str(one.get("description", "")) for one in reply.embeds))
    return "\n".join(filter(None, said))
