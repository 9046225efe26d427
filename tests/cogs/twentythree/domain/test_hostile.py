"""What must never hold up the loop, however long and odd it is."""

from __future__ import annotations

import pytest

from cogs.twentythree.domain.references import bare, reference_in
from tests.fakes.watchdog import LONGEST_STEP_S, Watchdog


@pytest.mark.parametrize("mark", ["<", "*", "(", "\ufdfa", "\u0344\u0301"])
async def test_what_a_program_types_does_not_hold_up_the_loop(mark: str) -> None:
    # Discord takes so much of an option that is being completed.
    async with Watchdog() as watchdog:
        bare(mark * 6_000)
        reference_in(mark * 6_000)
    assert watchdog.longest_s < LONGEST_STEP_S
