"""The verb ``demo``: the sandbox, the scenario and a real bot process."""

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Self

import pytest

from bot import demo as module
from bot.demo import demo, process
from bot.demo.process import DemoBot, environment
from sandbox import Sandbox
from sandbox.page import Said, Saying

_PATIENCE_S = 120
# Of what a newcomer reads, in the order in which it comes.
_STORY = (
    r"^  #moderators  > Ann /video questions id:\d+$",
    r"^  #moderators  Dmitri: ❓ When does it ship\?  \(Question( · The launch)?\)$",
    r"^    \[⭐ Promote\] \[✅ Answered\] \[Dismiss\] \[💬 Reply\] \[⋯\]$",
    r"^  #moderators  > Mia presses \[Next question\]$",
    r"Dmitri · When does it ship\? · .* · taken by @Mia$",
    r"^    only (Mia|Sam) sees: @(Mia|Sam) has promoted this already\.$",
    r"^    ⭐ promoted by @(Mia|Sam)$",
    r'^    a form opens, "Reply":$',
    r"^      Send this as The launch team\? It is visible to everyone who watches\.$",
    r"^    > The launch team: From Monday on, in every shop\.$",
    r"answered by @Mia",
    r"^  #moderators \(edited\)  \[The launch · 1 open · 0 promoted · 1 answered\]",
    r"^      Delete this comment for everyone\? It cannot be undone\.$",
    r"^      Deleted\.$",
    r"^    Not answered: 1$",
    r"^  #moderators .*\(file\) questions\.csv$",
    r'^      .*,"Dmitri","When does it ship\?","answered, promoted",.*Mia',
)


class Quick(Sandbox):
    """Without Discord's limits, which would make a test take its time."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.chat.rules.is_rate_limited = False
        return self


class Closed(Quick):
    """No message gets into any room."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.chat.fault("POST", r"/channels/\d+/messages", times=None, status=403)
        return self


async def test_the_demo_plays_to_its_end_without_a_warning_and_every_room_is_right(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "Sandbox", Quick)

    async with asyncio.timeout(_PATIENCE_S):
        status = await demo(port=0, once=True, burst=20)

    said, warned = capfd.readouterr()
    assert (status, warned) == (0, ""), said
    assert "Every room holds each notice once, and everything was done once." in said
    for line in _STORY:
        assert re.search(line, said, re.MULTILINE), (line, said)


async def test_a_taken_port_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert await demo(port=port, once=True) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"The ports {port} to {port + 3} cannot be listened on (Address ")


async def test_the_demo_fails_where_the_bot_cannot_deliver(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "Sandbox", Closed)

    async with asyncio.timeout(_PATIENCE_S):
        status = await demo(port=0, once=True, burst=1, patience_s=3)

    said = capsys.readouterr().out
    assert status == 1, said
    assert "#film" in said
    assert "WRONG" in said


Process = asyncio.subprocess.Process


def instead_of_the_bot(monkeypatch: pytest.MonkeyPatch, code: str) -> list[Process]:
    """Let the demo start this Python code, deaf to SIGTERM; return what was started."""
    real = asyncio.create_subprocess_exec
    started: list[Process] = []

    async def start(*_: str, **options: Any) -> Process:
        # Inherited, so that there is no moment in which the process is not deaf yet.
        before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
        started.append(await real(sys.executable, "-c", code, **options))
        signal.signal(signal.SIGTERM, before)
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    return started


async def test_the_scripted_demo_ends_with_a_bot_that_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    instead_of_the_bot(monkeypatch, "raise SystemExit(3)")

    async with asyncio.timeout(_PATIENCE_S):
        assert await demo(port=0, once=True) == 1

    assert "with status 3" in capsys.readouterr().err


async def test_a_bot_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_S", 0.0)
    started = instead_of_the_bot(monkeypatch, "import time; time.sleep(600)")

    async with asyncio.timeout(_PATIENCE_S):
        assert await demo(port=0, once=True, patience_s=0) == 1

    assert [one.returncode for one in started] == [-signal.SIGKILL]


async def test_the_page_outlives_the_bot_and_says_why_it_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # It says something before its log, something that nobody need see, and something else.
    code = """
import sys
print("before", file=sys.stderr)
print('{"level": "info", "event": "unseen"}', file=sys.stderr)
print('{"level": "error", "event": "no database", "exception": "Traceback"}', file=sys.stderr)
raise SystemExit(3)
"""
    instead_of_the_bot(monkeypatch, code)
    showing = asyncio.create_task(demo(port=0, once=False))

    said = ""
    async with asyncio.timeout(_PATIENCE_S):
        while "with status 3" not in said:
            await asyncio.sleep(0.01)
            said += capsys.readouterr().err
        assert not showing.done()
        os.kill(os.getpid(), signal.SIGTERM)
        assert await showing == 0

    assert "before\n" in said
    assert "error: no database Traceback\n" in said
    assert "unseen" not in said


async def test_a_bot_that_was_killed_is_started_again_and_is_stopped_at_the_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "STOP_S", 0.0)
    started = instead_of_the_bot(monkeypatch, "import time; time.sleep(600)")
    bot = DemoBot(environment({}, tmp_path / "demo.db"))
    running = asyncio.create_task(bot.run())

    async with asyncio.timeout(_PATIENCE_S):
        await bot.kill()
        await bot.start()
        await bot.start()
        assert bot.is_running
        assert len(started) == 1
        await bot.kill()
        assert not bot.is_running
        await bot.start()
        running.cancel()
        await asyncio.wait({running})

    sayings = [one.saying for one in bot.journal.after(0) or ()]
    assert sayings == ["started", "ended"] * 2
    assert [one.returncode for one in started] == [-signal.SIGKILL] * 2


async def test_what_the_bot_says_of_comments_is_passed_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    line = (
        '{"level": "debug", "event": "comments stored", "comment_ids": [7, 8],'
        ' "timestamp": "2026-01-01T00:00:00.500000Z"}'
    )
    instead_of_the_bot(monkeypatch, f"import sys; print({line!r}, file=sys.stderr)")
    bot = DemoBot(environment({}, tmp_path / "demo.db"))
    running = asyncio.create_task(bot.run())

    async with asyncio.timeout(_PATIENCE_S):
        await bot.start()
        while bot.is_running:
            await bot.journal.wait(bot.journal.last)
    running.cancel()
    await asyncio.wait({running})

    said = bot.journal.after(0) or []
    assert said[1] == Said(Saying.STORED, 1_767_225_600.5, (7, 8))
