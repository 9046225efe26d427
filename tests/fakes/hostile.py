"""What strangers, the realtime service and a workspace may send to make us work."""

from __future__ import annotations

import json
from typing import Any

_M = 1 << 20
# Below what is not looked at for its length alone.
_LONG = 40_000
_ROW = {
    "comment_id": 1,
    "object_id": 7,
    "comment_type": "comment",
    "promoted_p": False,
    "content_text": "Hello",
}

TEXTS = {
    "letters": "a" * _LONG,
    "stars": "*" * _LONG,
    "spaces": "a" + " " * _LONG + "b",
    "lines": "\n#" * _LONG,
    "marks of two classes": "a" + "\u0323\u0301" * _LONG,
    "ligatures that grow": "\ufdfa" * _LONG,
    "jamo": "\u1100\u1161" * _LONG,
    "joiners": "\u200d" * _LONG,
    "invisible": "\u200b" * _LONG,
    "flags": "\U0001f3f4\U000e0020" * _LONG,
    "schemes": "http://" * _LONG,
    "brackets in an address": ("https://a/" + "(" * 900 + ")" * 900 + " ") * 100,
    "a host of another script": "http://" + "\xe9." * _LONG,
    "a path of percents": "https://a/" + "%" * _LONG,
    "a path up and up": "https://a/" + "../" * _LONG,
    "at signs": "@ " * _LONG,
    "no tags": "<" * _LONG,
    "open tags": "<a " * _LONG,
    "paragraphs": "<p>" * _LONG,
    "attributes": ("<a " + "a " * 900 + ">") * 100,
    "comments": "<!--" * _LONG,
    "entities": "&a" * _LONG,
    "references": "&#1;" * _LONG,
    "digits": "&#" + "1" * _LONG + ";",
    "backslashes": "\\" * _LONG,
    "surrogates": "\ud800" * _LONG,
}

# What a message of the realtime service carries, as JSON text.
PAYLOADS = {
    **{
        f"a text of {name}": json.dumps(_ROW | {"content": text, "content_text": ""})
        for name, text in TEXTS.items()
    },
    **{f"a name of {name}": json.dumps(_ROW | {"name": text}) for name, text in TEXTS.items()},
    **{
        f"a quote of {name}": json.dumps(
            _ROW | {"reply_to_comment": {"comment_id": 2, "content": text, "name": text}}
        )
        for name, text in TEXTS.items()
    },
    "rows that quote": json.dumps(
        [_ROW | {"reply_to_comments": [{"comment_id": 2, "content": "<p>" * 50}] * 500}] * 100
    ),
    "deep": "[" * _M + "]" * _M,
    "deep objects": '{"data":' * (_M // 8) + "0" + "}" * (_M // 8),
    "deep texts": json.dumps(json.dumps(json.dumps(json.dumps(json.dumps([_ROW] * 300))))),
    "not too deep": '{"a":' * 900 + "0" + "}" * 900,
    "a number": "1" * _M,
    "numbers": "[" + ",".join(["1" * 4_000] * 250) + "]",
    "a fraction": "0." + "1" * _M + "e-5",
    "keys": "{" + ",".join(f'"k{number}":0' for number in range(_M // 12)) + "}",
    "objects": "[" + "{}," * (_M // 3) + "{}]",
    "rows": json.dumps([_ROW | {"content_text": "<p>"}] * 20_000),
    "rows of tags": json.dumps([_ROW | {"content": "<p>" * 50, "content_text": ""}] * 500),
    "text of rows": json.dumps(json.dumps([_ROW] * 5_000)),
    "escapes": '"' + "\\n" * _M + '"',
    "a flood": '"' + "x" * (4 * _M) + '"',
}


def event(channel: str, payload: str) -> str:
    """Return a frame with one event."""
    return f'[{{"channel":"{channel}","data":{payload}}}]'


def frames(channel: str) -> dict[str, str]:
    """Return frames for a session that listens to ``channel``."""
    tiny = [f'{{"channel":"{channel}","data":0}}'] * 80_000
    reply = '{"id":"x","channel":"/meta/connect","successful":false,"error":"401:%s:Unknown"}'
    return {
        "tiny events": "[" + ",".join(tiny) + "]",
        "events of a long channel": f'[{{"channel":"{"/a" * _M}","data":0}}]',
        "tiny events beside a reply": "[" + ",".join([reply % "c", *tiny]) + "]",
        "objects alone": "[" + "{}," * _M + "{}]",
        "a long error": f"[{reply % ('1' * _M)}]",
        "no JSON": "[" * _M,
    }


def bodies() -> dict[str, str]:
    """Return answers of a workspace."""
    found = {
        "an assignment": "a={}" + " " * _M,
        "an assignment that goes on": "a={" + "} " * _M,
        "words before it": "var a" + " " * _M + "={}",
        "deep": '{"status":"ok","data":' + "[" * _M + "]" * _M + "}",
        "keys": '{"status":"ok","data":[' + PAYLOADS["keys"] + "]}",
        "objects": '{"status":"ok","data":' + PAYLOADS["objects"] + "}",
        "many rows": json.dumps(
            {"status": "ok", "data": [_both(number, "x") for number in range(9_000)]}
        ),
        "a message": json.dumps({"status": "error", "code": "x", "message": " a" * _M}),
        "a flood": '{"status":"ok","data":"' + "x" * (7 * _M) + '"}',
        "escapes": '{"status":"ok","data":"' + "\\n" * (2 * _M) + '"}',
    }
    for name, text in TEXTS.items():
        rows = [_both(number, _cut(text)) for number in range(6)]
        quotes = [_quoting(number, _cut(text)) for number in range(30)]
        found[f"quotes of {name}"] = json.dumps(
            {"status": "ok", "data": quotes}, ensure_ascii=False
        )
        found[f"rows of {name}"] = json.dumps({"status": "ok", "data": rows}, ensure_ascii=False)
    return found


def _cut(text: str) -> str:
    """Return what thirty times makes an answer that is not refused for its size alone."""
    return text.encode("utf-8", "replace")[:14_000].decode("utf-8", "ignore")


def _quoting(number: int, text: str) -> dict[str, Any]:
    quoted = {"comment_id": 99, "name": text, "content": text}
    return _ROW | {"comment_id": number + 1, "reply_to_comment": quoted}


def _both(number: int, text: str) -> dict[str, Any]:
    """Return a row that may be of any list."""
    row = _ROW | dict.fromkeys(("name", "title", "content", "absolute_url", "link"), text)
    return row | {
        "comment_id": number + 1,
        "photo_id": number + 1,
        "live_id": number + 1,
        "content_text": "",
    }
