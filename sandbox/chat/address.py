"""Where the stand-in is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

API_PATH: Final = "/api/v10"
GATEWAY_PATH: Final = "/gateway"


@dataclass(slots=True)
class Address:
    """Where the stand-in listens; the port is 0 until it does."""

    port: int = 0

    @property
    def api_url(self) -> str:
        """The base of REST."""
        return f"{self.files_url}{API_PATH}"

    @property
    def gateway_url(self) -> str:
        """Where clients connect."""
        return f"ws://127.0.0.1:{self.port}{GATEWAY_PATH}"

    @property
    def files_url(self) -> str:
        """The base of the addresses of files."""
        return f"http://127.0.0.1:{self.port}"
