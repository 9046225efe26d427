"""Actions on comments from rooms: Discord to the workspace, on record before anything is asked."""

from .carrying import Carrying
from .handling import Acting, ActingPorts

__all__ = ["Acting", "ActingPorts", "Carrying"]
