"""The buffer between realtime and the store, where the store fails for a while."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from cogs.twentythree.domain.decoding import decode_comments
from cogs.twentythree.domain.model import Comment, CommentId, ObjectId
from cogs.twentythree.domain.needs import Service
from cogs.twentythree.errors import StorageError
from cogs.twentythree.intake import intake as intake_module
from cogs.twentythree.intake.intake import Intake
from cogs.twentythree.storage import Ingested, Store
from tests.fakes.attachments import attachment
from tests.fakes.bridge import an_object
from tests.fakes.intake import Parts, ports

VIDEO, OTHER = ObjectId(7), ObjectId(8)


class LockedStore:
    """Refuses the first transaction; ``stored`` and ``at_once`` are the comments of the others."""

    oldest_begun = None

    def __init__(self) -> None:
        self.stored: list[int] = []
        self.at_once: list[list[int]] = []
        self.is_sound = False
        self.refused = asyncio.Event()
        self.may_refuse = asyncio.Event()
        self.has_two = asyncio.Event()

    @property
    def memory(self) -> "LockedStore":
        return self

    async def ingest(self, object_id: ObjectId, comments: Sequence[Comment], **_: Any) -> Ingested:
        if not self.refused.is_set():
            self.refused.set()
            await self.may_refuse.wait()
            if not self.is_sound:
                raise StorageError("The database is locked.")
        self.at_once.append([comment.comment_id for comment in comments])
        self.stored += self.at_once[-1]
        if len(self.stored) > 1:
            self.has_two.set()
        return Ingested()


def row(comment_id: int) -> dict[str, Any]:
    return {
        "comment_id": comment_id,
        "object_id": VIDEO,
        "comment_type": "comment",
        "promoted_p": False,
        "content_text": "Hello",
    }


def parts_of(store: LockedStore) -> Parts:
    parts = Parts(ports(cast("Store", store), None), hold_s=60.0)
    parts.attach(attachment(about=an_object(VIDEO)))
    return parts


async def test_what_the_store_refused_goes_again_before_what_came_after_it() -> None:
    store = LockedStore()
    parts = parts_of(store)
    intake, video = parts.intake, parts.objects.those([VIDEO])[0]
    intake.deliver(video, Service.COMMENTS, row(1))
    running = asyncio.create_task(intake.run())
    await store.refused.wait()
    intake.deliver(video, Service.COMMENTS, row(2))
    store.may_refuse.set()
    with pytest.raises(StorageError):
        await running
    await until_two_are_stored(intake, store)
    assert store.stored == [1, 2]


async def test_what_a_reading_could_not_store_is_still_first_in_the_next() -> None:
    store = LockedStore()
    parts = parts_of(store)
    intake, video = parts.intake, parts.objects.those([VIDEO])[0]
    found = decode_comments(row(1), VIDEO).comments
    running = asyncio.create_task(intake.run())
    reading = asyncio.create_task(intake.ingest_read(VIDEO, found))
    await store.refused.wait()
    intake.deliver(video, Service.COMMENTS, row(2))
    await asyncio.sleep(0)
    assert store.stored == []
    store.may_refuse.set()
    with pytest.raises(StorageError):
        await reading
    running.cancel()
    await asyncio.wait([running])
    assert store.stored == []

    await intake.ingest_read(VIDEO, found)
    intake.release(VIDEO, video.hold)
    await until_two_are_stored(intake, store)
    assert store.stored == [1, 2]


async def test_all_words_on_one_comment_that_wait_are_stored_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intake_module, "_MOST_AT_ONCE", 2)
    store = LockedStore()
    store.refused.set()
    parts = parts_of(store)
    intake, video = parts.intake, parts.objects.those([VIDEO])[0]
    for number in (1, 2, 3, 1, 4, 3):
        intake.deliver(video, Service.COMMENTS, row(number))

    running = asyncio.create_task(intake.run())
    async with asyncio.timeout(60):
        while len(store.stored) < 6:  # noqa: ASYNC110 - it tells nobody of more than two
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    assert store.at_once == [[1, 2, 1], [3, 4, 3]]


async def test_what_is_held_while_another_object_is_stored_waits_for_its_reading() -> None:
    store = LockedStore()
    parts = parts_of(store)
    intake, video = parts.intake, parts.objects.those([VIDEO])[0]
    other = parts.attach(attachment(2, about=an_object(OTHER)))
    intake.deliver(other, Service.COMMENTS, {**row(8), "object_id": OTHER})
    intake.deliver(video, Service.COMMENTS, row(2))
    store.is_sound = True
    running = asyncio.create_task(intake.run())
    await store.refused.wait()
    intake.hold([VIDEO])
    store.may_refuse.set()
    for _ in range(9):
        await asyncio.sleep(0)
    assert store.stored == [8]

    await intake.ingest_read(VIDEO, decode_comments(row(1), VIDEO).comments)
    intake.release(VIDEO, video.hold)
    running.cancel()
    await asyncio.wait([running])
    store.has_two.clear()
    await until_two_are_stored(intake, store)
    assert store.stored == [8, 1, 2]


async def test_what_realtime_tells_of_a_comment_waits_while_somebody_acts_on_it() -> None:
    store = LockedStore()
    store.refused.set()
    parts = parts_of(store)
    intake, video = parts.intake, parts.objects.those([VIDEO])[0]
    with intake.settling(CommentId(1)):
        intake.deliver(video, Service.COMMENTS, row(1))
        intake.deliver(video, Service.COMMENTS, row(2))
        intake.deliver(video, Service.COMMENTS, row(3))
        await until_two_are_stored(intake, store)
        assert store.stored == [2, 3]
    store.has_two.clear()

    await until_two_are_stored(intake, store)
    assert store.stored == [2, 3, 1]


async def test_what_is_known_by_then_is_not_stored_and_what_came_after_is() -> None:
    store = LockedStore()
    store.refused.set()
    parts = parts_of(store)
    intake, video = parts.intake, parts.objects.those([VIDEO])[0]
    (known,) = decode_comments(row(1), VIDEO).comments
    for promotions in ([False, False], [False, True, False]):
        with intake.settling(CommentId(1)):
            for is_promoted in promotions:
                said = {**row(1), "promoted_p": is_promoted}
                intake.deliver(video, Service.COMMENTS, said)
            intake.knows(known)
    intake.deliver(video, Service.COMMENTS, row(2))

    await until_two_are_stored(intake, store)
    # The last one is as it is known, and so once more.
    assert store.stored == [1, 1, 2]


async def test_it_waits_no_longer_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "_SETTLING_S", 0.0)
    store = LockedStore()
    store.refused.set()
    parts = parts_of(store)
    intake, video = parts.intake, parts.objects.those([VIDEO])[0]
    with intake.settling(CommentId(1)):
        intake.deliver(video, Service.COMMENTS, row(1))
        intake.deliver(video, Service.COMMENTS, row(2))
        await until_two_are_stored(intake, store)

    assert store.stored == [2, 1]


async def test_the_way_of_a_comment_is_logged_by_its_id_for_who_looks_for_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = LockedStore()
    store.refused.set()
    parts = parts_of(store)
    video = parts.objects.those([VIDEO])[0]

    for level in ("INFO", "DEBUG"):
        caplog.set_level(level, "twentythree.intake")
        parts.intake.deliver(video, Service.COMMENTS, row(1))
        await parts.intake.ingest_read(VIDEO, decode_comments(row(2), VIDEO).comments)

    said = [
        (one.getMessage(), getattr(one, "comment_ids", None))
        for one in caplog.records
        if one.name == "twentythree.intake"
    ]
    assert said == [
        ("comments received", [1]),
        ("comments received", [2]),
        ("comments stored", [2]),
    ]


async def until_two_are_stored(intake: Intake, store: LockedStore) -> None:
    running = asyncio.create_task(intake.run())
    async with asyncio.timeout(60):
        await store.has_two.wait()
    running.cancel()
    await asyncio.wait([running])
