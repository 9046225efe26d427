"""``python3 .ci/new_venv.py FOLDER``: a virtual environment with pip, as ``-m venv`` makes it.

That has pip install and compile itself, which takes longer than all the rest. Here its wheel,
which comes with Python, is unpacked, and what is used of it is compiled when it is used.
"""

import ensurepip
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path


def main(folder: Path) -> None:
    """Make it; what is there is kept."""
    venv.create(folder, symlinks=os.name != "nt", with_pip=False)
    places = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", places))
    wheel = (
        Path(ensurepip.__file__).parent / "_bundled" / f"pip-{ensurepip.version()}-py3-none-any.whl"
    )
    if wheel.is_file():
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(packages)
    else:
        # Some systems keep it elsewhere.
        python = Path(sysconfig.get_path("scripts", "venv", places)) / "python"
        subprocess.run([str(python), "-m", "ensurepip"], check=True)  # noqa: S603 - our own


if __name__ == "__main__":
    main(Path(sys.argv[1]))
