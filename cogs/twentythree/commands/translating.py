"""The commands in other languages: what Discord says of them, and in which language one answers."""

from __future__ import annotations

import discord
from discord import app_commands

from ..languages import Language, language_of, noted_as, speak, speaking, tr, tr_as

# Of the choices of options: words of one sense, that people choose from a list.
_CHOICE = "choice"
_Location = app_commands.TranslationContextLocation
_DESCRIPTIONS = frozenset(
    {
        _Location.command_description,
        _Location.group_description,
        _Location.parameter_description,
    }
)
# Discord.py asks for each text in each locale, thousands of times before a bot is ready.
_LANGUAGES = {
    locale: language
    for locale in discord.Locale
    if (language := language_of(locale)) is not Language.ENGLISH
}
CHOICES = (
    noted_as("choice", "on"),
    noted_as("choice", "off"),
    noted_as("choice", "all"),
    noted_as("choice", "none"),
    noted_as("choice", "promoted"),
    noted_as("choice", "public"),
    noted_as("choice", "detach"),
    noted_as("choice", "As Discord says it"),
    noted_as("choice", "edit"),
    noted_as("choice", "delete"),
    noted_as("choice", "announce"),
    noted_as("choice", "keep"),
    noted_as("choice", "room"),
    noted_as("choice", "thread"),
    noted_as("choice", "cards"),
    noted_as("choice", "compact"),
    noted_as("choice", "lines"),
    noted_as("choice", "comment"),
    noted_as("choice", "chat"),
    noted_as("choice", "question"),
    noted_as("choice", "comment, chat"),
    noted_as("choice", "comment, question"),
    noted_as("choice", "chat, question"),
    noted_as("choice", "board"),
    noted_as("choice", "speaker"),
    noted_as("choice", "live"),
    noted_as("choice", "videos"),
)


class CommandTranslator(app_commands.Translator):
    """Tells Discord what the commands are called in other languages.

    Their names and those of their options are the same in all, so that people can help each other.
    """

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return a text in a language; ``None``: it is as in English."""
        language = _LANGUAGES.get(locale)
        if language is None:
            return None
        with speaking(language):
            said = _said(string.message, context.location)
        return None if said == string.message else said


def _said(text: str, location: app_commands.TranslationContextLocation) -> str:
    if location in _DESCRIPTIONS:
        return tr(text)
    return tr_as(_CHOICE, text) if location is _Location.choice_name else text


def speak_with(interaction: discord.Interaction) -> None:
    """Speak the language of whoever gave the command, or pressed, for the rest of this task."""
    speak(language_of(interaction.locale))
