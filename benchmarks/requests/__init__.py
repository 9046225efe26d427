"""How many requests a minute the workspace is asked, by attachments."""
