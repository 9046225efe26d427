"""Everything the bot talks to, on loopback: for the demo and for tests."""

from .house import Sandbox

__all__ = ["Sandbox"]
