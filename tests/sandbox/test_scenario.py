"""The scenario without a bot; with one it is played by the tests of the demo."""

from sandbox.scenario import Scenario
from tests.sandbox.filled_stage import FilledStage


async def test_without_a_bot_the_scenario_ends_early_and_is_not_right(filled: FilledStage) -> None:
    assert not await Scenario(filled.stage, patience_s=0).play()
    assert any("ends early" in line for line in filled.said)
