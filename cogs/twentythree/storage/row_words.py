"""What rows say of themselves: how far they have come, and the conditions of partial indexes."""

from __future__ import annotations

from enum import StrEnum

# Conditions of partial indexes. A database uses such an index where a query says the same words;
# it cannot know that of a value that comes as a parameter.
STALE = "is_stale"
OPEN = "stage != 'done'"
# The key of the one notice of a room that lists what is planned there.
PROGRAMME = "programme"
# How the keys of boards begin.
BOARD = "board:"
# How the keys of what a thread may be opened on begin.
CARDS = ("live:", "video:", "card:")
# The fate of a batch that has become a message.
DELIVERED = "delivered"
UNCONFIRMED = "trust != 'confirmed'"
# What is under way, or waits to be confirmed.
UNSETTLED_DEED = "settled_at IS NULL"
# Replies, by which what is written on the platform is known as our own.
REPLY = "deed = 'reply'"
# What holds words of viewers, or those of a reply.
WORDED = "(author != '' OR text != '')"

# The fate of a batch whose message was deleted since there was nothing to show in it any more.
TAKEN_DOWN = "taken down"
# The fate of a batch whose message somebody has deleted.
REMOVED = "removed"
# In place of the digest of what a message shows: it is about to be deleted.
DOOMED = "doomed"


class NoticeStage(StrEnum):
    """How far a notice in the outbox has come. A withdrawn notice is deleted."""

    PENDING = "pending"
    BATCHED = "batched"
    DONE = "done"


class DeedStage(StrEnum):
    """How far an entry of the trail has come. A draft is a reply that nobody has confirmed."""

    DRAFT = "draft"
    BEGUN = "begun"
    DONE = "done"
