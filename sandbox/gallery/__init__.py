"""What the bot posts, as pictures: it really posts it, into the sandbox, and a browser looks."""
