"""Messages of each kind as the JSON that is stored and sent, to the byte.

What is shown is known by a digest of it: a message is edited anew where that changes and a notice
has, too. So whoever changes one of these has a reason.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from cogs.twentythree.domain.deeds import Action
from cogs.twentythree.domain.model import (
    CommentId,
    CommentKind,
    CommentStatus,
    DigestNotice,
    Notice,
    Planned,
    ProgrammeNotice,
    Quote,
    Standing,
    VideoNotice,
)
from cogs.twentythree.embeds import body_json
from tests.fakes.notices import (
    SEEN_AT,
    VIDEO,
    WEBINAR,
    acting_notice,
    comment_notice,
    deed,
    live_notice,
    sent_reply,
)

_ANSWERED = comment_notice(2, kind=CommentKind.QUESTION, status=CommentStatus.ANSWERED)
KINDS: dict[str, Sequence[Notice]] = {
    "a comment": [comment_notice(1)],
    "comments": [comment_notice(1), _ANSWERED],
    "lines": [
        comment_notice(number, kind=CommentKind.CHAT, is_promoted=False) for number in range(1, 12)
    ],
    "a removed comment": [replace(comment_notice(1), standing=Standing.REMOVED)],
    "a card": [live_notice(is_start=True, role=5)],
    "a digest": [DigestNotice(object=VIDEO, count=3, since=SEEN_AT, until=SEEN_AT)],
    "a video": [VideoNotice(object=VIDEO)],
    "a programme": [ProgrammeNotice(planned=(Planned(object=WEBINAR, at=SEEN_AT),), more=2)],
}
BODIES = {
    "a comment": (
        r'{"allowed_mentions":{"parse":[]},"content":"","embeds":[{"color":16110919,"descripti'
        r'on":"\u2b50 Comment 1\n-# [Comment](https://video.example.com/bridge#comment-1) \u00'
        r'b7 promoted \u00b7 [How to bridge](https://video.example.com/bridge)","footer":{"tex'
        r't":"Ada"},"timestamp":"2030-01-02T03:04:05+00:00","url":"https://video.example.com/b'
        r'ridge#comment-1"}]}'
    ),
    "comments": (
        r'{"allowed_mentions":{"parse":[]},"content":"","embeds":[{"color":16110919,"descripti'
        r'on":"\u2b50 Comment 1\n-# [Comment](https://video.example.com/bridge#comment-1) \u00'
        r'b7 promoted \u00b7 [How to bridge](https://video.example.com/bridge)","footer":{"tex'
        r't":"Ada"},"timestamp":"2030-01-02T03:04:05+00:00","url":"https://video.example.com/b'
        r'ridge#comment-1"},{"color":3908957,"description":"\u2705 Comment 2\n-# [Question](ht'
        r'tps://video.example.com/bridge#comment-2) \u00b7 promoted \u00b7 answered","footer":'
        r'{"text":"Ada"},"timestamp":"2030-01-02T03:04:05+00:00","url":"https://video.example.'
        r'com/bridge#comment-2"}]}'
    ),
    "lines": (
        r'{"allowed_mentions":{"parse":[]},"content":"","embeds":[{"color":9082022,"descriptio'
        r'n":"-# <t:1893553440:t>\n**Ada**: Comment 1\u00a0[\u00bb](https://video.example.com/'
        r"bridge#comment-1)\n**Ada**: Comment 2\u00a0[\u00bb](https://video.example.com/bridge"
        r"#comment-2)\n**Ada**: Comment 3\u00a0[\u00bb](https://video.example.com/bridge#comme"
        r"nt-3)\n**Ada**: Comment 4\u00a0[\u00bb](https://video.example.com/bridge#comment-4)"
        r"\n**Ada**: Comment 5\u00a0[\u00bb](https://video.example.com/bridge#comment-5)\n**Ad"
        r"a**: Comment 6\u00a0[\u00bb](https://video.example.com/bridge#comment-6)\n**Ada**: C"
        r"omment 7\u00a0[\u00bb](https://video.example.com/bridge#comment-7)\n**Ada**: Comment"
        r" 8\u00a0[\u00bb](https://video.example.com/bridge#comment-8)\n**Ada**: Comment 9\u00"
        r"a0[\u00bb](https://video.example.com/bridge#comment-9)\n**Ada**: Comment 10\u00a0[\u"
        r"00bb](https://video.example.com/bridge#comment-10)\n**Ada**: Comment 11\u00a0[\u00bb"
        r'](https://video.example.com/bridge#comment-11)","title":"How to bridge","url":"https'
        r'://video.example.com/bridge#comments-1-11"}]}'
    ),
    "a removed comment": (
        r'{"allowed_mentions":{"parse":[]},"content":"","embeds":[{"color":5213943,"descriptio'
        r'n":"*(removed on the platform)*","timestamp":"2030-01-02T03:04:05+00:00","url":"http'
        r's://video.example.com/bridge#comment-1"}]}'
    ),
    "a card": (
        r'{"allowed_mentions":{"parse":[],"roles":["5"]},"components":[{"components":[{"label"'
        r':"Watch","style":5,"type":2,"url":"https://video.example.com/bridge"}],"type":1}],"c'
        r'ontent":"<@&5> The webinar is live","embeds":[{"color":15022139,"description":"\ud83'
        r'd\udd34 **Live**","image":{"url":"https://video.example.com/bridge.jpg?state=live-1"'
        r'},"title":"The webinar","url":"https://video.example.com/bridge#live-start-1"}]}'
    ),
    "a digest": (
        r'{"allowed_mentions":{"parse":[]},"content":"","embeds":[{"color":9082022,"descriptio'
        r'n":"**3 comments** from <t:1893553445:f> to <t:1893553445:f> could not be posted her'
        r'e in time. They are on the page.","title":"How to bridge","url":"https://video.examp'
        r'le.com/bridge#digest-1893553445-1893553445"}]}'
    ),
    "a video": (
        r'{"allowed_mentions":{"parse":[]},"content":"","embeds":[{"color":5213943,"descriptio'
        r'n":"**New video**","image":{"url":"https://video.example.com/bridge.jpg"},"title":"H'
        r'ow to bridge","url":"https://video.example.com/bridge#new-video"}]}'
    ),
    "a programme": (
        r'{"allowed_mentions":{"parse":[]},"content":"","embeds":[{"color":5213943,"descriptio'
        r'n":"- **The webinar** [\u00bb](https://video.example.com/bridge#planned-8) \u00b7 <t:'
        r'1893553445:f> (<t:1893553445:R>)\nand 2 more","title":"Planned live events"}]}'
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_acted_on_is_sent_as_it_is_to_be(kind: str) -> None:
    assert body_json(KINDS[kind]) == BODIES[kind]


def test_a_question_that_was_acted_on_replied_to_and_answers_another() -> None:
    notice = acting_notice(
        7,
        deed(Action.PROMOTE, 12),
        deed(Action.ANSWER),
        is_promoted=True,
        status=CommentStatus.ANSWERED,
        text="Is it on?",
        answers=Quote(comment_id=CommentId(5), author="Bob", text="It works"),
        replies=[sent_reply(8, "It is")],
    )

    assert json.loads(body_json([notice])) == {
        "content": "",
        "allowed_mentions": {"parse": []},
        "embeds": [
            {
                "url": "https://video.example.com/bridge#comment-7",
                "description": "-# ↩ Bob: It works\n"
                "✅ Is it on?\n"
                "> **The team**: It is\n"
                "-# [Question](https://video.example.com/bridge#comment-7) · promoted · answered · "
                "[How to bridge](https://video.example.com/bridge)\n"
                "-# ⭐ promoted by <@12> · ✅ answered by <@11> · 💬 replied by <@11>",
                "footer": {"text": "Ada"},
                "timestamp": "2030-01-02T03:04:05+00:00",
                "color": 0x3BA55D,
            }
        ],
        "components": [
            {
                "type": 1,
                "components": [
                    {
                        "type": 2,
                        "style": 2,
                        "label": "Unpromote",
                        "custom_id": "tt:act:unpromote:7",
                        "emoji": {"name": "⭐"},
                    },
                    {"type": 2, "style": 2, "label": "Reopen", "custom_id": "tt:act:reopen:7"},
                    {"type": 2, "style": 2, "label": "Dismiss", "custom_id": "tt:act:dismiss:7"},
                    {
                        "type": 2,
                        "style": 2,
                        "label": "Reply",
                        "custom_id": "tt:act:reply:7",
                        "emoji": {"name": "💬"},
                    },
                    {"type": 2, "style": 2, "label": "⋯", "custom_id": "tt:more:7"},
                ],
            }
        ],
    }


def test_lines_that_were_acted_on_and_replied_to() -> None:
    acted = acting_notice(
        1, deed(Action.ANSWER), status=CommentStatus.ANSWERED, replies=[sent_reply(8, "It is")]
    )
    body = json.loads(body_json([acted, *(comment_notice(number) for number in range(2, 12))]))

    (embed,) = body["embeds"]
    assert embed["description"].split("\n")[1:4] == [
        "✅ **Ada**: Comment 1\u00a0[»](https://video.example.com/bridge#comment-1) ✅ <@11>",
        "↳ The team: It is",
        "⭐ **Ada**: Comment 2\u00a0[»](https://video.example.com/bridge#comment-2)",
    ]
    assert body["components"] == [
        {
            "type": 1,
            "components": [
                {
                    "type": 3,
                    "custom_id": "tt:pick:0",
                    "placeholder": "Act on a comment…",
                    "options": [
                        {
                            "label": "✅ Ada: Comment 1",
                            "value": "1",
                            "description": "Question · answered by Grace",
                        }
                    ],
                }
            ],
        }
    ]
