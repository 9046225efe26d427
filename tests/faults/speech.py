"""What viewers and staff say and take back, what strangers forge, and what of it is true."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

from sandbox.workspace import Thing, Workspace

_KINDS = ("comment", "chat", "question")
_ALWAYS = float("-inf")


class Speech:
    """Each text has a number. Times are the loop's seconds.

    Attributes:
        texts: what was said by anybody; a text's place is its number.
        numbers: by object, in their order, the numbers that are true now.
        questions: the numbers of questions.
        private: those of them that were never promoted, so that only staff may see them.
        opened: those that were, and since when.
        withheld: those that are not promoted any more, and since when.
        withdrawn: such numbers, from when until when, where they were promoted again.
        copies: by ID, the numbers of what has been copied to the questions.
        anywhere: the numbers that may stand anywhere, as what is promoted may.
        removed: what must not be shown any more, and since when.
        forged: what the workspace never knew, and since when all of it has been told.
    """

    def __init__(self, workspace: Workspace, texts: list[str]) -> None:
        self._workspace = workspace
        self.texts = texts
        self.things: list[Thing] = []
        self.numbers: dict[int, list[int]] = {}
        self.questions: set[int] = set()
        self.private: set[int] = set()
        self.opened: dict[int, float] = {}
        self.withheld: dict[int, float] = {}
        self.withdrawn: list[tuple[int, float, float]] = []
        self.copies: dict[int, int] = {}
        self.anywhere: set[int] = set()
        self.removed: dict[int, float] = {}
        self.forged: dict[int, float] = {}
        self._doubtful: dict[int, float] = {}
        self._ids: dict[int, int] = {}
        # By ID, on which objects it was forged before the workspace gave it.
        self._stolen: dict[int, set[int]] = {}

    def begin(self, things: Iterable[Thing]) -> None:
        """Take the objects that are spoken about."""
        self.things = list(things)
        self.numbers = {thing.object_id: [] for thing in self.things}

    async def speak(self, place: int) -> None:
        """Have a viewer write."""
        object_id = self.things[place].object_id
        number = self._numbered("Whispered")
        kind = _KINDS[number % len(_KINDS)]
        self.numbers[object_id].append(number)
        if kind == "question":
            self.questions.add(number)
            self.private.add(number)
        # The ID is known before it is said: somebody may take this back at once.
        self._ids[number] = self._workspace.state.next_id
        if self._stolen.get(self._ids[number], set()) - {object_id}:
            # One room holds an ID once: this one comes in when the workspace has told whose it is.
            self.anywhere.add(number)
        await self._workspace.changes.post_comment(object_id, self.texts[number], kind=kind)

    async def remove(self, share: float) -> None:
        """Have staff delete a comment: the one at this share of all."""
        number = self._picked(share)
        if number is None:
            return
        self._doubtful.setdefault(number, _now())
        self._list_with(number).remove(number)
        await self._workspace.changes.delete_comment(self._ids[number])
        self._note_removed(number)

    async def rewrite(self, share: float) -> None:
        """Have a comment say something else, in its place."""
        number = self._picked(share)
        if number is None:
            return
        new = self._numbered("Whispered")
        self._doubtful.setdefault(number, _now())
        numbers = self._list_with(number)
        numbers[numbers.index(number)] = new
        self._ids[new] = self._ids[number]
        for kind in (self.questions, self.private, self.anywhere):
            if number in kind:
                kind.add(new)
        if number in self.withheld:
            self.withheld[new] = self.withheld[number]
        await self._workspace.changes.edit_comment(self._ids[number], text=self.texts[new])

    async def promote(self, share: float) -> None:
        """Have staff promote a comment that is no question: those would come out of order."""
        number = self._picked(share, self.questions)
        if number is not None:
            self.anywhere.add(number)
            await self._workspace.changes.promote(self._ids[number])

    # Strangers.

    async def forge(self, place: int, *, kind: str, count: int, is_ahead: bool) -> list[int]:
        """Publish what the workspace does not know, with the IDs that come next or far ones.

        Returns the IDs.
        """
        number = self._numbered("Forged")
        self.forged[number] = _ALWAYS
        object_id = self.things[place].object_id
        first = self._workspace.state.next_id + 1_000_000 * number * is_ahead
        for forged_id in range(first, first + count):
            self._stolen.setdefault(forged_id, set()).add(object_id)
        ids = await self._workspace.changes.forge(
            object_id, self.texts[number], kind=kind, count=count, comment_id=first
        )
        # All of a flood have one number: it stands for the last of them.
        self.forged[number] = _now()
        return ids

    async def forge_over(self, share: float) -> None:
        """Publish another text for a comment that is there."""
        true = self._picked(share, self.questions)
        if true is None:
            return
        number = self._numbered("Forged")
        self.forged[number] = _now()
        # It is not shown until that is put right.
        self._doubtful.setdefault(true, _now())
        comment = self._workspace.state.comments[self._ids[true]]
        await self._workspace.changes.forge(
            comment.object_id, self.texts[number], kind="chat", comment_id=comment.comment_id
        )

    async def hint(self) -> None:
        """Publish on each object's channel what makes a listener read it again."""
        for thing in self.things:
            channel = f"{thing.root}/all_json"
            await self._workspace.changes.publisher(channel, {"event": "changed"})

    # What others have done, as the workspace shows it.

    def id_at(self, share: float) -> int | None:
        """Return the ID of the comment at this share of all."""
        number = self._picked(share)
        return None if number is None else self._ids[number]

    def found_gone(self, comment_id: int) -> None:
        """Take in that a comment was deleted."""
        self.copies.pop(comment_id, None)
        number = self._number_of(comment_id)
        if number is not None:
            self._doubtful.setdefault(number, _now())
            self._list_with(number).remove(number)
            self._note_removed(number)

    def found_promoted(self, comment_id: int, *, is_promoted: bool) -> None:
        """Take in that a comment was promoted, or is not any more."""
        number = self._number_of(comment_id)
        if number is None:
            return
        self.anywhere.add(number)
        if number not in self.questions:
            return
        self.private.discard(number)
        if is_promoted and number not in self.withheld:
            self.opened.setdefault(number, _now())
        elif is_promoted:
            self.withdrawn.append((number, self.withheld.pop(number), _now()))
        else:
            self._doubtful.setdefault(number, _now())
            self.withheld[number] = _now()

    def doubt(self, comment_id: int) -> None:
        """Take in that realtime tells late what is not so any more."""
        if (number := self._number_of(comment_id)) is not None:
            self._doubtful.setdefault(number, _now())

    def found_copy(self, comment_id: int, number: int) -> None:
        """Take in that a chat line is among the questions as well."""
        self.copies[comment_id] = number
        self.anywhere.add(number)

    # What is true.

    def said(self, hidden: Collection[int]) -> dict[int, list[int]]:
        """Return by object the numbers that a room is to hold, in their order."""
        return {
            object_id: [one for one in numbers if one not in hidden]
            for object_id, numbers in self.numbers.items()
        }

    def copied(self, *, promoted_only: bool) -> list[int]:
        """Return the numbers of the copies that are there, each as often as it is."""
        comments = self._workspace.state.comments
        return [
            number
            for comment_id, number in self.copies.items()
            if comments[comment_id].is_promoted or not promoted_only
        ]

    def untrue(self) -> dict[int, float]:
        """Return the numbers that no room must show, and since when."""
        return self.removed | self.forged

    def doubtful(self) -> dict[int, float]:
        """Return the numbers that are not true, or may not look so, and since when."""
        return {**self._doubtful, **dict.fromkeys(self.forged, _ALWAYS)}

    def _note_removed(self, number: int) -> None:
        # A copy says the same, and stays.
        if number not in self.copies.values():
            self.removed[number] = _now()

    def _number_of(self, comment_id: int) -> int | None:
        known = (one for numbers in self.numbers.values() for one in numbers)
        return next((one for one in known if self._ids[one] == comment_id), None)

    def _numbered(self, word: str) -> int:
        number = len(self.texts)
        self.texts.append(f"{word} number {number}")
        return number

    def _picked(self, share: float, but: Iterable[int] = ()) -> int | None:
        all_ = sorted(one for numbers in self.numbers.values() for one in numbers)
        left = [one for one in all_ if one not in set(but)]
        return left[int(share * len(left))] if left else None

    def _list_with(self, number: int) -> list[int]:
        return next(numbers for numbers in self.numbers.values() if number in numbers)


def _now() -> float:
    return asyncio.get_running_loop().time()
