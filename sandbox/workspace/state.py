"""The workspace's contents and what may be done to them, without a network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from itertools import count

from ..journal import Happening, Journal, Subject
from .model import Account, Category, Comment, Interval, Level, Live, OAuthKeys, Thing, Video
from .problems import invalid, unknown

# IDs of everything are one number space, as the vendor's examples suggest.
_FIRST_ID = 700_001


class State:
    """Everything that a workspace holds. IDs rise; tokens and channel roots follow the seed.

    ``journal``: what happened to objects and comments.
    """

    def __init__(self, seed: int, now: Callable[[], float]) -> None:
        self._seed = seed
        self._now = now
        self._last_id = _FIRST_ID
        self.things: dict[int, Thing] = {}
        self.categories: dict[int, Category] = {}
        self.comments: dict[int, Comment] = {}
        self.journal: Journal[Happening] = Journal()
        self.accounts = {level: self._account(level) for level in Level if level >= Level.READ}

    def secret(self, *words: object) -> str:
        """Return 40 hexadecimal digits that belong to these words."""
        text = "/".join(map(str, (self._seed, *words)))
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def add_category(self, title: str, *, is_hidden: bool = False) -> Category:
        """Add a category."""
        category_id = self._new_id()
        category = Category(
            category_id=category_id,
            title=title,
            token=self.secret("token", category_id)[:32],
            created=self._now(),
            is_hidden=is_hidden,
        )
        self.categories[category_id] = category
        return category

    def add_video(
        self,
        title: str,
        *,
        is_published: bool = True,
        category_id: int | None = None,
        live_id: int | None = None,
    ) -> Video:
        """Add a video; ``live_id`` makes it the recording of a live event.

        Raises:
            Problem: there is no such category or event.
        """
        recorded = None if live_id is None else self.live(live_id).object_id
        object_id = self._new_id()
        video = Video(
            object_id=object_id,
            title=title,
            token=self.secret("token", object_id)[:32],
            root="/" + self.secret("comments", object_id),
            created=self._now(),
            is_published=is_published,
            category_ids=self._categories(category_id),
            live_id=recorded,
        )
        self.things[object_id] = video
        self.touch(object_id)
        return video

    def add_live(
        self, title: str, *, is_private: bool = False, category_id: int | None = None
    ) -> Live:
        """Add a live event.

        Raises:
            Problem: there is no such category.
        """
        object_id = self._new_id()
        live = Live(
            object_id=object_id,
            title=title,
            token=self.secret("token", object_id)[:32],
            root="/" + self.secret("comments", object_id),
            events_root="/" + self.secret("events", object_id),
            created=self._now(),
            is_private=is_private,
            category_ids=self._categories(category_id),
        )
        self.things[object_id] = live
        self.touch(object_id)
        return live

    def add_comment(
        self, object_id: int, kind: str, text: str, author: str, comment_id: int | None = None
    ) -> Comment:
        """Add a comment to a video or live event, with the next ID or one that is free.

        Raises:
            Problem: there is no such object, or the ID is taken.
        """
        thing = self.thing(object_id)
        if comment_id is not None and self._is_taken(comment_id):
            raise invalid("comment_id")
        comment = Comment(
            comment_id=self._new_id() if comment_id is None else comment_id,
            object_id=object_id,
            object_type=self.object_type(thing),
            kind=kind,
            author=author,
            text=text,
            created=self._now(),
        )
        self.comments[comment.comment_id] = comment
        self.touch(object_id, comment.comment_id)
        return comment

    def touch(self, object_id: int, comment_id: int | None = None) -> None:
        """Note that an object, or a comment on it, is not as it was."""
        subject = Subject.OBJECT if comment_id is None else Subject.COMMENT
        self.journal.add(Happening(subject, comment_id or object_id, object_id))

    @staticmethod
    def object_type(thing: Thing) -> str:
        """Return the API's word for the kind of an object."""
        return "live" if isinstance(thing, Live) else "photo"

    def thing(self, object_id: int) -> Thing:
        """Return an object.

        Raises:
            Problem: there is none.
        """
        if object_id not in self.things:
            raise unknown()
        return self.things[object_id]

    def categorize(self, object_id: int, category_id: int) -> None:
        """Put an object into one more category.

        Raises:
            Problem: there is no such object or category.
        """
        self.thing(object_id).category_ids += self._categories(category_id)

    def live(self, live_id: int) -> Live:
        """Return a live event.

        Raises:
            Problem: there is none.
        """
        found = self.things.get(live_id)
        if not isinstance(found, Live):
            raise unknown()
        return found

    def comment(self, comment_id: int) -> Comment:
        """Return a comment.

        Raises:
            Problem: there is none.
        """
        if comment_id not in self.comments:
            raise unknown("no_such_comment")
        return self.comments[comment_id]

    def visible(self, level: Level, kind: type[Thing]) -> Iterable[Thing]:
        """Yield the objects of a kind that a level may see, newest first."""
        for thing in sorted(self.things.values(), key=lambda one: -one.object_id):
            if isinstance(thing, kind) and self.may_see(level, thing):
                yield thing

    @staticmethod
    def may_see(level: Level, thing: Thing, token: str = "") -> bool:
        """Tell whether a level, or an object's token, opens the object."""
        is_public = thing.is_published if isinstance(thing, Video) else not thing.is_private
        opened = bool(token) and token == thing.token
        return opened or level >= Level.READ or (is_public and level >= Level.ANONYMOUS)

    def mark(self, live: Live, event: str, *, is_on: bool) -> Interval | None:
        """Start or end an interval of a live event's log; ``None`` where nothing changed."""
        running = live.running(event)
        if is_on and running is None:
            live.log.append(Interval(event=event, start=self._now()))
            return live.log[-1]
        if not is_on and running is not None:
            running.end = self._now()
            return running
        return None

    def _categories(self, category_id: int | None) -> list[int]:
        if category_id is None:
            return []
        if category_id not in self.categories:
            raise unknown("no_such_album")
        return [category_id]

    @property
    def next_id(self) -> int:
        """The ID that what is added next will have."""
        return next(one for one in count(self._last_id + 1) if not self._is_taken(one))

    def _new_id(self) -> int:
        self._last_id = self.next_id
        return self._last_id

    def _is_taken(self, wanted: int) -> bool:
        return any(wanted in known for known in (self.things, self.categories, self.comments))

    def _account(self, level: Level) -> Account:
        return Account(
            level=level,
            bearer=f"bearer-{level.word}-{self.secret('bearer', level)[:16]}",
            oauth=OAuthKeys(
                consumer_key=f"key-{level.word}",
                consumer_secret=self.secret("consumer", level),
                token=f"token-{level.word}",
                token_secret=self.secret("access", level),
            ),
        )
