"""The relay at work: realtime and REST in, the outbox out.

``Bridge`` is the whole of it for the outside; it knows no Discord.
"""
