"""``python -m bot.kept``: the bot, which ends with the process that has started it.

Its standard input is a pipe to which nobody writes. It is at its end once whoever holds the other
end of it is gone, however that came about.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from .__main__ import main


def _end_with_the_other() -> None:
    # Not by ``sys.stdin``: at the interpreter's end nobody may hold its lock.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_other, name="the other's end", daemon=True).start()
    sys.exit(main(["run"]))
