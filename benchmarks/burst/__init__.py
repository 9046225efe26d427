"""How long a burst of comments takes into one room, against what Discord lets through at all."""
