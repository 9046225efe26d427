"""Actions on comments from rooms: Discord to the workspace, on record before anything is asked."""
