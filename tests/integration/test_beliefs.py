"""A real bot process that is lied to: by who publishes on its channels, and by the workspace."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sandbox.workspace import Level, Lie, WorkspaceFault
from tests.fakes.stage import Stage


async def test_a_forged_comment_leaves_the_room_and_a_real_one_takes_its_id(
    tmp_path: Path,
) -> None:
    async with Stage(tmp_path) as stage, stage.running():
        room, video = stage.room(), stage.workspace.state.add_video("Film")
        await stage.attach(room, video, comments="promoted")
        await stage.until_status(room, "**Realtime**")

        def shows(text: str) -> bool:
            embeds = [embed for one in stage.chat.messages(room.id) for embed in one.embeds]
            return any(text in str(embed) for embed in embeds)

        (forged,) = await stage.workspace.changes.forge(
            video.object_id, "Log in at evil.example", kind="chat", is_promoted=True
        )
        await stage.chat.wait_for(lambda: shows("evil"), timeout_s=40)
        await stage.chat.wait_for(lambda: not shows("evil"), timeout_s=40)

        real = await stage.workspace.changes.post_comment(video.object_id, "True words")
        assert real.comment_id == forged
        await stage.workspace.changes.promote(real.comment_id)
        await stage.chat.wait_for(lambda: shows("True words"), timeout_s=40)


_LIES = (
    (WorkspaceFault(times=None, lie=Lie.EMPTY), "fewer comments than before"),
    (WorkspaceFault(times=None, lie=Lie.HALF), "fewer comments than before"),
    (WorkspaceFault(times=None, level=Level.ANONYMOUS), "have only level anonymous now"),
    (WorkspaceFault(times=None, renames={"promoted_p": "promoted", "comment_type": "type"}), ""),
)


async def test_a_workspace_that_answers_wrongly_blanks_nothing(tmp_path: Path) -> None:
    async with Stage(tmp_path) as stage, stage.bot(TWENTYTHREE_RECONCILE_SECONDS="1"):
        await stage.until_ready()
        room, video = await stage.attached()
        said = [
            await stage.workspace.changes.post_comment(
                video.object_id, f"Words {number}", kind=kind
            )
            for number, kind in enumerate(("question", "chat") * 6)
        ]
        await stage.workspace.changes.promote(said[0].comment_id)
        wanted = Counter(one.comment_id for one in said)
        await stage.chat.wait_for(lambda: stage.held(room) == wanted, timeout_s=40)
        for fault, words in _LIES:
            stage.workspace.add_fault(fault)
            enough = stage.workspace.calls["comment/list"] + 15
            while stage.workspace.calls["comment/list"] < enough:
                await stage.command(room, "status")
            await stage.until_status(room, words)
            shown = str([one.embeds for one in stage.chat.messages(room.id)])
            assert [one.text for one in said if one.text not in shown] == [], fault
            assert "promoted" in shown
            stage.workspace.clear_faults()
            await stage.until_status(room, "Last error: none")
