from __future__ import annotations

from dataclasses import fields

import pytest

from cogs.twentythree.commands import rules
from cogs.twentythree.domain.model import AttachmentRules, CommentPolicy, RulesAsked


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
