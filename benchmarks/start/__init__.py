"""How long a start takes, and what the process holds and uses then, beside a bare bot."""
