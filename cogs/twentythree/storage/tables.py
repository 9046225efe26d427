"""The tables, for SQLite and PostgreSQL alike.

Every name starts with ``twentythree_``: an operator may point the plugin at the database of
his own bot. IDs of Discord and TwentyThree are 64 bits wide; times are UTC.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from .sql import OPEN, REPLY, STALE, UNCONFIRMED, UNSETTLED_DEED, WORDED, UtcTime

VERSION_TABLE = "twentythree_schema"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts up by itself only in a column declared INTEGER.
_RowId = BigInteger().with_variant(Integer(), "sqlite")


def _partial(name: str, *columns: str, where: str) -> Index:
    # PostgreSQL's are made by the migrations alike. To say so here would load all its drivers.
    return Index(name, *columns, sqlite_where=text(where))


# What is attached somewhere, and how far its comments and live state are known.
objects = Table(
    "twentythree_objects",
    metadata,
    Column("object_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("picture_url", Text),
    # NULL: not told. The speakers are a list as JSON.
    Column("description", Text),
    Column("speakers", Text),
    Column("watermark", BigInteger),
    Column("live_state", Text),
    # The permission level at which the workspace has shown its comments.
    Column("level", Text),
    Column("is_public", Boolean, nullable=False, server_default=true()),
    # Since when the workspace has no such live event any more.
    Column("gone_at", UtcTime),
)


def _object_key() -> Column[Any]:
    """Return the object that a row is of, and goes with; a part of its key."""
    of_object = ForeignKey(objects.c.object_id, ondelete="CASCADE")
    return Column("object_id", of_object, primary_key=True, autoincrement=False)


# Where the news of an object are published: the service and the channels, which are secrets.
channels = Table(
    "twentythree_channels",
    metadata,
    _object_key(),
    Column("url", Text),
    Column("comments_root", Text),
    Column("events", Text),
)

# Servers that get nothing now: they may not use the workspace, or have removed the bot.
barred_servers = Table(
    "twentythree_barred_servers",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("bar", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
)

# Servers that the bot is in, or was when it was last told; 0 is none of them: since when they are
# noted, and those that had the bot before have nothing to be told.
known_servers = Table(
    "twentythree_known_servers",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("known_at", UtcTime, nullable=False),
)

# Standing orders: what is new of a kind, in a category or anywhere, is attached to a room.
follows = Table(
    "twentythree_follows",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False, index=True),
    Column("room_id", BigInteger, nullable=False),
    Column("is_forum", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    # 0 is the whole workspace: no two NULLs would be the same to a unique constraint.
    Column("category_id", BigInteger, nullable=False),
    Column("category_title", Text, nullable=False),
    Column("comments", Text, nullable=False),
    Column("announces_live", Boolean, nullable=False),
    Column("mention_role_id", BigInteger),
    Column("max_age_s", Integer, nullable=False),
    Column("at_end", Text, nullable=False),
    Column("has_actions", Boolean, nullable=False, server_default=false()),
    Column("start_text", Text, nullable=False, server_default=text("''")),
    Column("place", Text, nullable=False, server_default="room"),
    # Whether what it covers is in the server's calendar.
    Column("has_calendar", Boolean, nullable=False, server_default=false()),
    # See the attachments.
    Column("is_exposure_agreed", Boolean),
    Column("followed_by", BigInteger, nullable=False),
    Column("followed_at", UtcTime, nullable=False),
    Column("looked_at", UtcTime),
    Column("floor", BigInteger),
    Column("error", Text),
    UniqueConstraint("room_id", "kind", "category_id"),
    sqlite_autoincrement=True,
)

# What a follow has seen, and so will not attach again: not even what was detached since.
followed = Table(
    "twentythree_followed",
    metadata,
    Column(
        "follow_id",
        ForeignKey(follows.c.id, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("object_id", BigInteger, primary_key=True, autoincrement=False),
)

attachments = Table(
    "twentythree_attachments",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False, index=True),
    Column("room_id", BigInteger, nullable=False),
    # Where the bot opened the room: the forum of a post, or the channel of the card of a thread.
    Column("forum_id", BigInteger, index=True),
    Column("object_id", ForeignKey(objects.c.object_id), nullable=False, index=True),
    # Comments below this ID are older than the attachment, whenever they turn up.
    Column("floor", BigInteger),
    Column("comments", Text, nullable=False),
    Column("announces_live", Boolean, nullable=False),
    Column("mention_role_id", BigInteger),
    # 0: no limit.
    Column("max_age_s", Integer, nullable=False, server_default="21600"),
    Column("at_end", Text, nullable=False, server_default="edit"),
    Column("has_actions", Boolean, nullable=False, server_default=false()),
    Column("start_text", Text, nullable=False, server_default=text("''")),
    Column("place", Text, nullable=False, server_default="room"),
    # What the post, or the thread, is still to be told of its event; see domain.places.
    Column("thread_due", Text),
    # The room is told of it by its programme, and gets its card a day before the start.
    Column("is_on_programme", Boolean, nullable=False, server_default=false()),
    # The follow that made it. No foreign key: SQLite would copy the table to add one.
    Column("follow_id", BigInteger, index=True),
    Column("attached_by", BigInteger, nullable=False),
    Column("attached_at", UtcTime, nullable=False),
    Column("paused_reason", Text),
    Column("paused_at", UtcTime),
    # The channel of a thread, as far as it was seen.
    Column("parent_id", BigInteger),
    # Somebody agreed that the room shows the object though it is not public.
    Column("is_agreed", Boolean, nullable=False, server_default=false()),
    # Whether everybody in the server saw the room then; NULL: nobody agreed, or that was not noted.
    # The agreement does not count while everybody sees a room that they did not see then.
    Column("is_agreed_for_all", Boolean),
    # Since when nothing is posted because the object is not public, and its title of before.
    Column("barred_at", UtcTime),
    Column("public_title", Text),
    # Somebody agreed that everybody in the server reads what viewers ask in private; NULL: that was
    # not noted. Since when nothing is posted because nobody did, and everybody sees the room.
    Column("is_exposure_agreed", Boolean),
    Column("exposed_at", UtcTime),
    UniqueConstraint("room_id", "object_id"),
    Index(None, "guild_id", "forum_id", "object_id", unique=True),
    # An ID that a worker still holds must never come to mean another row.
    sqlite_autoincrement=True,
)

# The memory: which comments have been seen, and in which state they were last.
comments = Table(
    "twentythree_comments",
    metadata,
    _object_key(),
    Column("comment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("is_promoted", Boolean, nullable=False),
    # Of what may be shown of it. Without it the next sighting is compared with each notice.
    Column("fingerprint", Text),
    Column("is_gone", Boolean, nullable=False, server_default=false()),
    # Whether the workspace has vouched for it; see domain.ingest.Trust.
    Column("trust", Text, nullable=False, server_default="confirmed"),
    _partial("ix_twentythree_comments_unconfirmed", "object_id", where=UNCONFIRMED),
)

# How a broadcast goes, a row a minute; dropped with the next broadcast of the event.
samples = Table(
    "twentythree_samples",
    metadata,
    _object_key(),
    Column("broadcast", Integer, primary_key=True, autoincrement=False),
    # Minutes since 1970.
    Column("minute", Integer, primary_key=True, autoincrement=False),
    Column("viewers", Integer),
    Column("comments", Integer),
)

batches = Table(
    "twentythree_batches",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("room_id", BigInteger, nullable=False),
    Column("nonce", Text, nullable=False, unique=True),
    Column("body", Text, nullable=False),
    Column("shown", Text),
    Column("message_id", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime, index=True),
    Column("fate", Text),
    # How its message is made; what the message before was about, and what this one ends with.
    Column("layout", Text, nullable=False, server_default="cards"),
    Column("is_silent", Boolean, nullable=False, server_default=false()),
    Column("language", Text, nullable=False, server_default="en"),
    Column("after_object_id", BigInteger),
    Column("about_object_id", BigInteger),
    # Why Discord last refused the message, an edit or the deletion of it, and when.
    Column("refusal", Text),
    Column("refused_at", UtcTime),
    _partial("ix_twentythree_batches_refused", "refused_at", where="refusal IS NOT NULL"),
    _partial("ix_twentythree_batches_unsettled", "room_id", where="settled_at IS NULL"),
    Index(None, "room_id", "id"),
    sqlite_autoincrement=True,
)

# The outbox.
notices = Table(
    "twentythree_notices",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("room_id", BigInteger, nullable=False),
    Column("attachment_id", ForeignKey(attachments.c.id, ondelete="SET NULL")),
    Column("event_key", Text, nullable=False),
    Column("comment_id", BigInteger),
    # The comment that this one answers, and quotes.
    Column("quoted_id", BigInteger),
    Column("payload", Text, nullable=False),
    Column("queued_at", UtcTime, nullable=False),
    Column("is_live", Boolean, nullable=False),
    # What goes first among the notices that wait in a room; lowest first, equals by ID.
    Column("rank", Integer, nullable=False, server_default="3"),
    Column("stage", Text, nullable=False),
    Column("batch_id", ForeignKey(batches.c.id), index=True),
    Column("position", Integer, nullable=False, server_default="0"),
    # The message shows an older payload than the one stored here.
    Column("is_stale", Boolean, nullable=False),
    UniqueConstraint("room_id", "event_key"),
    Index(None, "stage", "room_id", "rank", "id"),
    Index(None, "attachment_id", "comment_id"),
    _partial("ix_twentythree_notices_stale", "batch_id", where=STALE),
    _partial("ix_twentythree_notices_quoted", "quoted_id", where="quoted_id IS NOT NULL"),
    _partial("ix_twentythree_notices_open", "queued_at", "stage", where=OPEN),
    _partial("ix_twentythree_notices_orphaned", "queued_at", where="attachment_id IS NULL"),
    sqlite_autoincrement=True,
)

# What was last registered with Discord, so that it is not registered again without need.
command_hashes = Table(
    "twentythree_command_hashes",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("digest", Text, nullable=False),
)

# What servers were told of: a row until the outage is over, or a forum takes its tags again.
outages = Table(
    "twentythree_outages",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("outage", Text, primary_key=True),
)


def _room_settings() -> list[Column[Any]]:
    """Return the columns of what may be set for a room; NULL is left to what is below."""
    return [
        Column("layout", Text),
        Column("is_silent", Boolean),
        # Lists as JSON.
        Column("kinds", Text),
        Column("hidden", Text),
        Column("min_length", Integer),
        Column("language", Text),
    ]


# What a server has set for itself.
servers = Table(
    "twentythree_servers",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    # Who may act on comments; none: who may manage messages in the room.
    Column("moderators_role_id", BigInteger),
    # Where each entry of the trail is told.
    Column("log_room_id", BigInteger),
    # What its rooms have that say nothing else.
    *_room_settings(),
    # What keeps its scheduled events from being made, and since when; people were told.
    Column("calendar_obstacle", Text),
    Column("calendar_obstacle_at", UtcTime),
    # What Discord says of the language of its people, as far as it is told.
    Column("locale", Text),
)

# What rooms have set; a forum for all of its posts.
rooms = Table(
    "twentythree_rooms",
    metadata,
    Column("room_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False, index=True),
    *_room_settings(),
    # How many comments that leaves out, and since when.
    Column("hidden_count", Integer, nullable=False, server_default="0"),
    Column("hidden_since", UtcTime),
)

# Who did what, in which server: what was done to comments, and what was set.
trail = Table(
    "twentythree_trail",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("user_name", Text, nullable=False),
    # An action, or one of domain.trail.Deed.
    Column("deed", Text, nullable=False),
    Column("room_id", BigInteger),
    Column("object_id", BigInteger),
    Column("object_title", Text, nullable=False),
    Column("comment_id", BigInteger),
    # The viewer's name and words, the text of a reply and its name: none for longer than a week.
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("made_id", BigInteger),
    # What was set, as text for people.
    Column("detail", Text, nullable=False),
    # How far it has come, and what came of it.
    Column("stage", Text, nullable=False),
    Column("effect", Text),
    Column("settled_at", UtcTime),
    Index(None, "guild_id", "id"),
    Index(None, "guild_id", "comment_id"),
    _partial("ix_twentythree_trail_open", "id", where=UNSETTLED_DEED),
    _partial("ix_twentythree_trail_replies", "object_id", "made_id", where=REPLY),
    _partial("ix_twentythree_trail_worded", "at", where=WORDED),
    sqlite_autoincrement=True,
)

# The questions of objects that can be acted on, or have a board.
questions = Table(
    "twentythree_questions",
    metadata,
    _object_key(),
    Column("comment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("is_promoted", Boolean, nullable=False),
    Column("status", Text, nullable=False),
)

# Who in a server looks after a question now.
takings = Table(
    "twentythree_takings",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("object_id", BigInteger, primary_key=True, autoincrement=False),
    Column("comment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("taken_at", UtcTime, nullable=False),
)

# The boards of questions; each is one notice in its room.
boards = Table(
    "twentythree_boards",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False, index=True),
    Column("room_id", BigInteger, nullable=False),
    Column("object_id", ForeignKey(objects.c.object_id, ondelete="CASCADE"), nullable=False),
    Column("view", Text, nullable=False),
    Column("made_by", BigInteger, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    UniqueConstraint("room_id", "object_id", "view"),
    sqlite_autoincrement=True,
)

# The scheduled events of servers, one for a broadcast of a live event. It may outlive the object.
scheduled_events = Table(
    "twentythree_scheduled_events",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("object_id", BigInteger, primary_key=True, autoincrement=False),
    Column("broadcast", Integer, primary_key=True, autoincrement=False),
    Column("stage", Text, nullable=False),
    # Discord's; none while it is not known whether it was made.
    Column("scheduled_id", BigInteger),
    # Discord's number for it.
    Column("status", Integer, nullable=False),
    # What the bot last had it say, as JSON.
    Column("said", Text, nullable=False),
)

# Which process leads, on PostgreSQL: one row, which decides. Its times are the database's own.
lead = Table(
    "twentythree_lead",
    metadata,
    # Counted up with each new leader. The key: whoever holds the row against changes of its key
    # holds up a new term, and no sign of the leader.
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    # A name that no other process ever had; its connections carry it.
    Column("holder", Text, nullable=False),
    # The same for people: which process of which machine.
    Column("leader", Text, nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)
