"""Whose trouble it is: the workspace's, or that of one object alone."""

from __future__ import annotations

from cogs.twentythree.domain.model import ObjectId
from cogs.twentythree.errors import WorkspaceUnreachableError
from cogs.twentythree.intake.objects import ObjectState
from cogs.twentythree.intake.workspace_watch import WorkspaceWatch
from tests.fakes.attachments import attachment
from tests.fakes.bridge import an_object
from tests.fakes.intake import Parts, ports
from tests.fakes.workspace import FakeWorkspace

GONE = WorkspaceUnreachableError("comment/list", "503")


class _Scene:
    """Two objects, one of which fails, and what the watch asks for."""

    def __init__(self) -> None:
        self.workspace = FakeWorkspace()
        self.parts = Parts(ports(None, self.workspace))
        self.well, self.ill = self._attach(1), self._attach(2)
        self._watch = WorkspaceWatch(
            self.parts.ports, self.parts.objects, self.parts.agenda, self.parts.options
        )
        self.fail(self.ill)

    def fail(self, state: ObjectState) -> None:
        state.failed(GONE)
        self.workspace.trouble = GONE

    def answer(self) -> None:
        self.workspace.trouble = None

    def look(self) -> set[ObjectId]:
        """Let the watch look, and return what is to be read."""
        self.parts.agenda.readings.todo.asked.clear()
        self._watch.look()
        return set(self.parts.agenda.readings.todo.asked)

    def _attach(self, number: int) -> ObjectState:
        return self.parts.attach(attachment(number, about=an_object(number)))


async def test_what_fails_by_itself_is_asked_for_once_more_and_then_left_to_its_pauses() -> None:
    scene = _Scene()
    scene.ill.lookup_error, scene.ill.lookups = "No answer.", 7
    asked = []
    for _ in range(3):
        asked.append(scene.look())
        scene.answer()
        asked.append(scene.look())
        scene.fail(scene.ill)

    assert asked == [{1}, {2}, {1}, set(), {1}, set()]
    assert scene.ill.lookups == 7


async def test_where_what_was_asked_for_fails_as_well_all_are_read_and_looked_up_after_it() -> None:
    scene = _Scene()
    scene.ill.lookup_error, scene.ill.lookups = "No answer.", 7
    scene.fail(scene.ill)
    assert scene.look() == {1}
    scene.fail(scene.well)
    assert scene.look() | scene.look() == {1, 2}
    scene.well.succeeded(scene.parts.ports.clock.now())
    scene.answer()

    assert scene.look() == {2}
    assert scene.ill.lookups == 0
    # That was all.
    assert scene.look() == set()


async def test_where_nothing_is_attached_there_is_nothing_to_ask_for() -> None:
    scene = _Scene()
    for state in (scene.well, scene.ill):
        scene.parts.objects.set(state.object_id, [])

    assert scene.look() == set()
