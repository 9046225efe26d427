"""Is everything there that the plugin needs? For hosts that have somebody to tell."""

from .clocks import PeerClock
from .parts import check
from .results import CheckResult

__all__ = ["CheckResult", "PeerClock", "check"]
