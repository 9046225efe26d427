"""``docs/operations.md``, whose commands are followed to the letter."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

from sqlalchemy import make_url

from tests.fakes.postgres import PROGRAMS

_ROOT = Path(__file__).parents[2]


def commands(heading: str) -> str:
    """Return what the section tells to type."""
    manual = (_ROOT / "docs" / "operations.md").read_text("utf-8")
    section = manual.partition(f"\n### {heading}\n")[2].partition("\n#")[0]
    found = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found, heading
    return "".join(found)


async def follow(said: str, folder: Path, address: str = "sqlite://", **more: str) -> str:
    """Type commands in a folder, with PostgreSQL's own programs for the database at the address."""
    done = await asyncio.to_thread(_typed, said, folder, address, **more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _typed(said: str, folder: Path, address: str, **more: str) -> subprocess.CompletedProcess[str]:
    url = make_url(address)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{PROGRAMS}:{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "PYTHONPATH": str(_ROOT),
        "PGHOST": str(url.host or url.query.get("host", "")),
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "DATABASE": url.database or "",
        "ADDRESS": address,
        **more,
    }
    return subprocess.run(
        ["/bin/bash", "-e", "-c", said],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
