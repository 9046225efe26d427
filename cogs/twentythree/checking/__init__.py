"""Is everything there that the plugin needs? For hosts that have somebody to tell."""

from .parts import CheckResult, PeerClock, check

__all__ = ["CheckResult", "PeerClock", "check"]
