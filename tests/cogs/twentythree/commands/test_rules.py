from __future__ import annotations

import json
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import pytest

from cogs.twentythree.commands import rules
from cogs.twentythree.commands.described_options import cannot_act
from cogs.twentythree.commands.replies import Refusal
from cogs.twentythree.domain.model import (
    AtEnd,
    AttachmentRules,
    CommentPolicy,
    ObjectKind,
)
from cogs.twentythree.domain.rules_asked import RulesAsked
from cogs.twentythree.languages import Language, speaking
from tests.fakes.bridge import a_follow


def test_every_rule_can_be_asked_for_by_an_option() -> None:
    names = {one.name for one in fields(AttachmentRules)}

    assert names <= {one.name for one in fields(RulesAsked)}
    assert {one.rule for one in rules.OPTIONS} == {one.name for one in fields(RulesAsked)}


@pytest.mark.parametrize("policy", list(CommentPolicy))
def test_every_policy_has_its_words(policy: CommentPolicy) -> None:
    assert rules.policy(AttachmentRules(comments=policy))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (AttachmentRules(announces_live=False, mention_role_id=5), "not announced"),
        (AttachmentRules(), "announced, nobody is mentioned"),
        (AttachmentRules(mention_role_id=5), "announced, <@&5> is mentioned at the start"),
    ],
)
def test_live_rules_say_who_is_mentioned(given: AttachmentRules, shown: str) -> None:
    assert rules.live(given) == shown


def test_changes_name_the_new_and_the_old() -> None:
    before = AttachmentRules(comments=CommentPolicy.PROMOTED, announces_live=True)
    after = AttachmentRules(comments=CommentPolicy.NONE, announces_live=True, mention_role_id=5)

    assert rules.changes(before, after) == [
        "- Comments: no comments (before: promoted comments only)",
        f"- Live: {rules.live(after)} (before: announced, nobody is mentioned)",
    ]
    assert rules.changes(before, before) == []


ON, OFF = AttachmentRules(has_actions=True), AttachmentRules()
CANNOT_ACT = (
    "- Actions are on, but the workspace's credentials may not change comments: nobody can act "
    "until the bot has credentials of the level write."
)


def test_actions_are_told_of_where_they_are_on() -> None:
    line = "- Actions: on"

    assert line in rules.lines(ON)
    assert not any("Actions" in one for one in rules.lines(OFF))
    assert rules.changes(OFF, ON) == [f"{line} (before: off)"]
    assert any("actions: on" in one for one in rules.small_lines(ON))
    assert not any("actions" in one for one in rules.small_lines(OFF))
    # A noun of German has its capital within a line as well.
    with speaking(Language.GERMAN):
        assert any("-# Aktionen: an" in one for one in rules.small_lines(ON))


def test_actions_without_comments_have_no_effect() -> None:
    none = AttachmentRules(comments=CommentPolicy.NONE, has_actions=True)
    sentence = "- `actions` has nothing to do here: no comments are posted."

    assert rules.idle(RulesAsked(has_actions=True), none) == [sentence]
    assert rules.idle(RulesAsked(has_actions=False), OFF) == []
    assert rules.idle(RulesAsked(has_actions=True), ON) == []


def test_an_option_of_zero_that_has_no_effect_is_told_of() -> None:
    assert len(rules.idle(RulesAsked(max_age_s=0), OFF)) == 1


def test_that_nobody_can_act_is_said_where_it_is_known() -> None:
    assert cannot_act(ON, can_write=False) == [CANNOT_ACT]
    assert cannot_act(ON, can_write=True) == []
    assert cannot_act(ON, can_write=None) == []
    assert cannot_act(OFF, can_write=False) == []


# Options in a file.


class Guild:
    """A server with one role."""

    role: Any = SimpleNamespace(id=5)

    def get_role(self, role_id: int) -> Any:
        return self.role if role_id == 5 else None


GUILD: Any = Guild()


@pytest.mark.parametrize(
    "held",
    [
        AttachmentRules(),
        *(AttachmentRules(comments=one) for one in CommentPolicy),
        *(AttachmentRules(at_end=one) for one in AtEnd),
        AttachmentRules(announces_live=False, mention_role_id=5, max_age_s=0, has_actions=True),
        AttachmentRules(max_age_s=7 * 24 * 3600),
        AttachmentRules(start_text="Now: {title}"),
    ],
)
def test_rules_come_back_from_a_file_as_they_went(held: AttachmentRules) -> None:
    typed = json.loads(json.dumps(rules.as_typed(held)))
    asked = rules.from_typed(typed, GUILD).rules

    other = AttachmentRules(
        comments=CommentPolicy.NONE,
        announces_live=not held.announces_live,
        mention_role_id=9,
        start_text="x",
    )
    assert asked.applied(ObjectKind.LIVE, other) == held


def test_a_file_has_every_option_that_sets_a_rule() -> None:
    names = {one.name for one in rules.OPTIONS}

    assert rules.as_typed(AttachmentRules()).keys() == names - {"no_mention", "no_text", "calendar"}
    assert rules.follow_as_typed(a_follow()).keys() == names - {"no_mention", "no_text"}


def test_what_a_file_leaves_out_stays_as_it_is() -> None:
    before = AttachmentRules(comments=CommentPolicy.ALL, mention_role_id=5)

    asked = rules.from_typed({"at_end": "delete"}, GUILD).rules

    assert asked.applied(ObjectKind.LIVE, before) == replace(before, at_end=AtEnd.DELETE)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"colour": "red"}, "There is no option `colour`."),
        ({"calendar": "on"}, "There is no option `calendar`."),
        ({"`<@1>": 1}, r"There is no option `\`\<\@1\>`."),
        ({"comments": "some"}, "`comments` cannot be `some`."),
        ({"comments": ["all"]}, r"`comments` cannot be `\['all'\]`."),
        ({"live": True}, "`live` cannot be `True`."),
        ({"max_age": 169}, "`max_age` cannot be `169`."),
        ({"max_age": -1}, r"`max_age` cannot be `\-1`."),
        ({"max_age": True}, "`max_age` cannot be `True`."),
        ({"max_age": 1.0}, "`max_age` cannot be `1.0`."),
        ({"max_age": "6"}, "`max_age` cannot be `6`."),
        ({"no_mention": 1}, "`no_mention` cannot be `1`."),
        ({"mention": "6"}, "The role of `mention` is not in this server."),
        ({"mention": {}}, "The role of `mention` is not in this server."),
    ],
    ids=str,
)
def test_what_an_option_cannot_be_is_said(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal) as caught:
        rules.from_typed(options, GUILD)

    assert str(caught.value) == sentence
