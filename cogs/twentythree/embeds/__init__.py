"""Notices as Discord message bodies: pure functions, the same notice always gives the same body."""

from .board_embeds import counted, large_question, question_line
from .body import Body, body_json, cost, digest, identity, lines, message, without_roles
from .calendar_fields import calendar_aim
from .charts import Chart, can_draw, charts_of
from .components import back_button, buttons, page_button, question_menu, rare_buttons
from .object_embeds import detail_told, start_words
from .questions_csv import Sheet, sheets_of
from .text import MESSAGE_SIZE, disarm, escaped, one_line, safe_url, said_of, with_references

__all__ = [
    "MESSAGE_SIZE",
    "Body",
    "Chart",
    "Sheet",
    "back_button",
    "body_json",
    "buttons",
    "calendar_aim",
    "can_draw",
    "charts_of",
    "cost",
    "counted",
    "detail_told",
    "digest",
    "disarm",
    "escaped",
    "identity",
    "large_question",
    "lines",
    "message",
    "one_line",
    "page_button",
    "question_line",
    "question_menu",
    "rare_buttons",
    "safe_url",
    "said_of",
    "sheets_of",
    "start_words",
    "with_references",
    "without_roles",
]
