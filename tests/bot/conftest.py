import pytest
from discord import VoiceClient
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.settings import HostSettings


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> HostSettings:
    """Return the settings of a host whose Discord nobody serves; nothing leaks into other tests."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    monkeypatch.setattr(VoiceClient, "warn_nacl", VoiceClient.warn_nacl)
    monkeypatch.setattr(VoiceClient, "warn_dave", VoiceClient.warn_dave)
    monkeypatch.setenv("DISCORD_TOKEN", "a-token")
    monkeypatch.setenv("DISCORD_API_URL", "http://127.0.0.1:9/api/v10")
    monkeypatch.setenv("DISCORD_GATEWAY_URL", "ws://127.0.0.1:9/gateway")
    monkeypatch.setenv("TWENTYTHREE_SITE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("TWENTYTHREE_DATABASE_URL", "sqlite+aiosqlite://")
    for name in ("DISCORD_SYNC_GUILD", "BOT_LOG_LEVEL", "BOT_LOG_FORMAT", "BOT_HTTP_LISTEN"):
        monkeypatch.delenv(name, raising=False)
    return HostSettings()  # type: ignore[call-arg]  # the environment gives what is required
