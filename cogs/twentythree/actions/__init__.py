"""Actions on comments from rooms: Discord to the workspace, on record before anything is asked."""

from .acting import Acting, ActingPorts
from .carrying import Carrying

__all__ = ["Acting", "ActingPorts", "Carrying"]
