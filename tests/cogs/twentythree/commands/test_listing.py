from __future__ import annotations

from datetime import UTC, datetime

from cogs.twentythree.commands.listing import attachment_lines, follow_lines
from cogs.twentythree.domain.barring import Pause
from cogs.twentythree.domain.model import AttachmentRules, CommentPolicy
from tests.fakes.bridge import a_follow, an_attachment

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)


def test_a_paused_attachment_says_why_and_since_when() -> None:
    attachment = an_attachment(pause=Pause(reason="lacks *Embed Links*", since=NOON))

    assert attachment_lines(attachment)[-1] == (
        rf"-# Paused <t:{int(NOON.timestamp())}:R>: lacks \*Embed Links\*"
    )


def test_the_age_limit_is_said_where_there_is_chat_that_may_wait() -> None:
    rules = AttachmentRules(comments=CommentPolicy.PUBLIC, announces_live=False, max_age_s=0)

    for lines in (
        attachment_lines(an_attachment(rules=rules)),
        follow_lines(a_follow(rules=rules)),
    ):
        assert lines[1:] == [
            "-# comments and chat; questions once they are promoted · live: not announced",
            "-# comments that wait: posted however late",
        ]
