"""From publishing on Faye to the post at Discord, beside a minimal loop."""
