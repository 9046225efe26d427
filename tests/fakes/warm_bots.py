"""Bots that start at once: a process that has imported the bot forks one for each start.

Importing is most of what a start costs, and the same each time. A fork is a process of its own,
with its own environment, signals and end; what it lacks is the start of the interpreter. Instead of
a bot it may be a script that uses what a bot uses.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_MOST_BYTES = 2**18


class WarmBot:
    """One that was forked; it is dealt with as a process of asyncio's.

    ``returncode`` is ``None`` as long as it runs.
    """

    def __init__(self, pid: int, news: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout = asyncio.StreamReader()
        self.stderr = asyncio.StreamReader()
        self._news = news
        self._ending = asyncio.create_task(self._end(), name=f"end of bot {pid}")

    async def wait(self) -> int:
        """Wait until it ends; return its status, as of a process of asyncio's."""
        return await asyncio.shield(self._ending)

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def _end(self) -> int:
        with self._news:
            told = await asyncio.get_running_loop().sock_recv(self._news, _MOST_BYTES)
        self.returncode = os.waitstatus_to_exitcode(int(told))
        return self.returncode


class WarmBots:
    """The process that forks them, as it is seen from the tests; it begins with the first bot."""

    def __init__(self) -> None:
        self._sock: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the process, once what was measured in it is written down, and bots that run."""
        if self._sock is not None and self._process is not None:
            self._sock.close()
            self._process.wait()

    def begun(self) -> socket.socket:
        """Return what the process is asked by; it may be shared with forks of this one."""
        if self._sock is None:
            self._sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.fakes.warm_bots", str(theirs.fileno())],
                    cwd=_ROOT,
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    # Who ends a run ends its bots; a signal to all of it must not come before.
                    start_new_session=True,
                )
        return self._sock

    async def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        limit: int,
        script: str | None = None,
    ) -> WarmBot:
        """Start one, or a script; ``limit``: of the lines that are read of it, in bytes."""
        loop = asyncio.get_running_loop()
        news, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        news.setblocking(False)
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        request = {
            "arguments": arguments,
            "environment": dict(environment),
            "script": script,
        }
        with theirs:
            socket.send_fds(
                self.begun(), [json.dumps(request).encode()], [theirs.fileno(), out_end, err_end]
            )
        os.close(out_end)
        os.close(err_end)
        bot = WarmBot(int(await loop.sock_recv(news, _MOST_BYTES)), news)
        bot.stdout, bot.stderr = await _reader(out, limit), await _reader(err, limit)
        return bot


async def _reader(end: int, limit: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=limit)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(end, "rb")
    )
    return reader


# What follows runs in the process that forks.


def _main(sock: socket.socket) -> int:
    """Fork a bot for each request until nobody can ask any more; in the fork, be that bot."""
    # What migrates a database loads them where it has to.
    import alembic.operations
    import alembic.runtime.migration
    import alembic.script  # noqa: F401 - as above

    from bot import __main__ as bot
    from bot import check, dispatch, run, sync  # noqa: F401 - as above
    from cogs.twentythree import cog  # noqa: F401 - as above

    running: dict[int, socket.socket] = {}

    def reap(*_: Any) -> None:
        for pid in tuple(running):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                # A signal within the signal: one of the two has it, and tells.
                continue
            if ended:
                with running.pop(pid) as news, contextlib.suppress(OSError):
                    news.send(str(status).encode())

    # Or the garbage collector of each fork would look at what all share, and so copy it.
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, reap)
    while True:
        said, ends, *_ = socket.recv_fds(sock, _MOST_BYTES, 3)
        if not said:
            for pid in tuple(running):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return 0
        news = socket.socket(fileno=ends[0])
        # Whoever ends at once is not reaped before it is known.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        if not (pid := os.fork()):
            for one in (sock, news, *running.values()):
                one.close()
            request = json.loads(said)
            arguments = _become(request, ends[1:])
            if request["script"] is None:
                return bot.main(arguments)
            sys.argv = ["-c", *arguments]
            exec(compile(request["script"], "<script>", "exec"), {"__name__": "__main__"})  # noqa: S102 - a test's
            return 0
        running[pid] = news
        news.send(str(pid).encode())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        for end in ends[1:]:
            os.close(end)


def _become(request: dict[str, Any], ends: Sequence[int]) -> list[str]:
    """Make this fork what was asked for; return the arguments."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    for end, number in zip(ends, (1, 2), strict=True):
        os.dup2(end, number)
        os.close(end)
    os.environ.clear()
    os.environ.update(request["environment"])
    arguments: list[str] = request["arguments"]
    return arguments


if __name__ == "__main__":
    sys.exit(_main(socket.socket(fileno=int(sys.argv[1]))))
