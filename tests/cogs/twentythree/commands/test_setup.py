"""``/video setup``: walked in every order, and what it sets in the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import permutations
from typing import Any

import discord
import pytest

from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.domain.acting import Deed
from cogs.twentythree.domain.barring import Servers
from cogs.twentythree.domain.following import Category
from cogs.twentythree.domain.model import AttachmentRules, CategoryId, CommentPolicy, ObjectId
from cogs.twentythree.errors import StorageError, WorkspaceUnreachableError
from cogs.twentythree.settings import Settings
from sandbox.chat import Channel, ChannelType, Role
from tests.fakes.bridge import an_object
from tests.fakes.discord_contract import judge
from tests.fakes.pressed import a_button
from tests.fakes.server import LIVE, SITE, Server
from tests.fakes.walked import NOT_SET, Walker, walked

TALKS = Category(category_id=CategoryId(71), title="Talks *live*")
WHOLE = {"kind": "a"}


@pytest.fixture
def staff(server: Server) -> Channel:
    """A room that not everybody sees."""
    room = server.chat.rooms.add_channel(server.guild.id, "staff")
    server.chat.rooms.set_overwrites(room.id, server.guild.everyone, deny=["view_channel"])
    for one in (server.manager, server.chat.bot):
        server.chat.rooms.set_overwrites(room.id, one, allow=["view_channel"])
    return room


@pytest.fixture
def fans(server: Server) -> Role:
    return server.chat.guilds.add_role(server.guild.id, "fans", is_mentionable=True)


async def is_untouched(server: Server) -> bool:
    """Tell whether nothing at all is set."""
    settings = server.store.servers
    left = (await server.held(), await server.followed(), await trail(server))
    return not any(left) and await settings.moderators(server.guild.id) is None  # type: ignore[arg-type]


async def trail(server: Server) -> list[Any]:
    return await server.store.trail.find(server.guild.id)  # type: ignore[arg-type]


async def rules_by_room(server: Server) -> dict[int, AttachmentRules]:
    held: list[Any] = [*await server.held(), *await server.followed()]
    return {one.room_id: one.rules for one in held}


async def test_a_walk_sets_rooms_mention_and_moderators_at_once(
    server: Server, staff: Channel, fans: Role
) -> None:
    crew = server.chat.guilds.add_role(server.guild.id, "crew")
    walker = await Walker.begin(server)
    assert walker.text.startswith("**Set up** · 1 of 4: What")
    await walker.choose("kind", "a")
    await walker.go("where")
    await walker.choose("public", server.room.id)
    await walker.choose("staff", staff.id)
    await walker.go("whom")
    await walker.choose("mention", fans.id)
    await walker.choose("moderators", crew.id)
    said = await walker.go("rights")
    assert said.count("✅ Send Messages") == 2
    assert said.endswith(NOT_SET)
    assert await is_untouched(server)

    done = await walker.press("done")

    assert f"Follows all live events of the workspace in <#{server.room.id}> from now on." in done
    assert f"Whoever has the role <@&{crew.id}> may act on comments; an administrator can" in done
    assert walker.parts == []
    assert await rules_by_room(server) == {
        server.room.id: AttachmentRules(mention_role_id=fans.id),
        staff.id: AttachmentRules(comments=CommentPolicy.ALL, has_actions=True),
    }
    assert await server.store.servers.moderators(server.guild.id) == crew.id  # type: ignore[arg-type]
    (entry,) = await trail(server)
    assert (entry.deed, entry.actor.user_id) == (Deed.SETUP, server.manager.id)
    judge(server.chat.posts)


async def test_every_order_of_the_steps_comes_to_the_same(
    server: Server, staff: Channel, fans: Role
) -> None:
    steps = {
        "kind": ("what", "a"),
        "public": ("where", server.room.id),
        "staff": ("where", staff.id),
        "mention": ("whom", fans.id),
    }
    states = set()
    walker = await Walker.begin(server)
    for order in permutations(steps):
        walker = await Walker.begin(server)
        for action in order:
            page, value = steps[action]
            if not any(f":{action}:" in one.get("custom_id", "") for one in walker.parts):
                await walker.go(page)
            await walker.choose(action, value)
        states.add(walker.state)
        assert not walker.part("done").get("disabled")

    assert len(states) == 1
    assert (await walker.press("done")).startswith("Follows all live events")


async def test_what_was_chosen_can_be_taken_back_on_any_page(
    server: Server, staff: Channel, fans: Role
) -> None:
    walker = await walked(server, kind="a", public=server.room.id, staff=staff.id, mention=fans.id)
    await walker.go("where")
    await walker.choose("public")
    await walker.go("whom")
    await walker.choose("mention")
    await walker.go("what")
    assert "no room" in walker.text
    await walker.press("done")

    assert list(await rules_by_room(server)) == [staff.id]


@pytest.mark.parametrize(
    ("choices", "lacks"),
    [
        ({}, "Choose what is to be posted."),
        ({"kind": "c"}, "Choose which one."),
        ({"kind": "a"}, "Choose at least one room."),
        ({"kind": "a", "public": 0, "staff": 0}, "Choose two different rooms"),
    ],
)
async def test_what_is_not_chosen_yet_is_said_and_cannot_be_done(
    server: Server, choices: dict[str, Any], lacks: str
) -> None:
    here = server.room.id
    known: dict[str, Any] = {name: value if value != 0 else here for name, value in choices.items()}
    walker = await walked(server, **known)

    assert lacks in walker.text
    assert walker.part("done")["disabled"]


async def test_a_walk_that_is_cancelled_or_left_sets_nothing(
    server: Server, staff: Channel
) -> None:
    left = await walked(server, kind="a", staff=staff.id)
    cancelled = await walked(server, kind="a", staff=staff.id)

    assert await cancelled.press("cancel") == "Cancelled; nothing was changed."
    assert (left.parts != [], cancelled.parts) == (True, [])
    assert await is_untouched(server)


# What: a category, or one.


async def test_a_category_is_chosen_from_those_of_the_workspace(
    server: Server, staff: Channel
) -> None:
    server.workspace.listing.known = [TALKS]
    walker = await walked(server, kind="c", target=71, staff=staff.id)

    assert r"- What: Talks \*live\* · 71" in walker.text
    await walker.press("done")
    assert [one.category for one in await server.followed()] == [TALKS]


async def test_one_of_more_than_a_menu_holds_is_found_by_its_title(
    server: Server, staff: Channel
) -> None:
    many = {ObjectId(n): an_object(n, title=f"Talk {n}") for n in range(100, 150)}
    server.workspace.objects |= many
    walker = await walked(server, kind="o")
    assert len(walker.part("target")["options"]) == 25

    await walker.find("Talk 149")
    assert [one["value"] for one in walker.part("target")["options"]] == ["149"]
    await walker.choose("target", 149)
    # It stays among what is offered.
    assert "149" in [one["value"] for one in walker.part("target")["options"]]
    assert "nothing with a title" in await walker.find("Nobody made this")
    await walker.go("where")
    await walker.choose("staff", staff.id)
    await walker.choose("public", server.room.id)
    await walker.press("done")

    assert [(one.object.object_id, one.room_id) for one in await server.held()] == [
        (149, server.room.id),
        (149, staff.id),
    ]
    assert await rules_by_room(server) == {
        server.room.id: AttachmentRules(announces_live=False),
        staff.id: AttachmentRules(
            comments=CommentPolicy.ALL, announces_live=False, has_actions=True
        ),
    }


async def test_another_kind_drops_what_was_chosen_of_the_one_before(server: Server) -> None:
    server.workspace.listing.known = [TALKS]
    walker = await walked(server, kind="c", target=71)

    await walker.choose("kind", "o")

    assert walker.state.target is None


async def test_a_workspace_that_is_away_does_not_end_the_walk(
    server: Server, staff: Channel
) -> None:
    walker = await walked(server, kind="o", target=2, staff=staff.id)
    server.workspace.down = WorkspaceUnreachableError("photo/list")

    said = await walker.press("done")

    assert said.startswith("**Set up** · 4 of 4: Permissions\n⚠️ ")
    assert "- What: 2\n" in said
    assert await is_untouched(server)
    server.workspace.down = None
    assert (await walker.press("done")).startswith("Attached")


# What must be agreed to.


async def test_what_is_private_is_set_only_when_somebody_agrees(
    server: Server, staff: Channel
) -> None:
    server.workspace.objects[LIVE.object_id] = replace(LIVE, is_public=False)
    walker = await walked(server, kind="o", target=2, staff=staff.id)

    assert await walker.press("done") == (
        f"This event is private; its title, picture and link will be visible in <#{staff.id}>."
    )
    assert await is_untouched(server)
    # Asked about another room: what was agreed to before does not count.
    await walker.go("rights")
    await walker.go("where")
    await walker.choose("public", server.room.id)
    assert f"visible in <#{server.room.id}>" in await walker.press("done")
    await walker.press("agree")

    assert [one.is_agreed for one in await server.held()] == [True, True]


async def test_what_is_otherwise_than_when_it_was_asked_about_is_asked_again(
    server: Server, staff: Channel
) -> None:
    server.workspace.objects[LIVE.object_id] = replace(LIVE, is_public=False)
    walker = await walked(server, kind="o", target=2, staff=staff.id)
    await walker.press("done")
    server.chat.rooms.set_overwrites(staff.id, server.guild.everyone, allow=["view_channel"])

    asked = await walker.press("agree")

    assert "Everybody in this server sees" in asked
    assert await is_untouched(server)
    assert (await walker.press("agree")).startswith("Attached")


async def test_a_staff_room_that_everybody_sees_is_asked_about(server: Server) -> None:
    walker = await walked(server, kind="a", staff=server.room.id)

    assert "Everybody in this server sees" in await walker.press("done")
    assert await is_untouched(server)


# Who presses, and when.


async def test_who_has_lost_the_right_meanwhile_is_refused(server: Server, staff: Channel) -> None:
    walker = await walked(server, kind="a", staff=staff.id)
    server.chat.guilds.set_roles(server.guild.id, server.manager.id, [])

    for action in ("go-whom", "sample", "done"):
        assert (await walker.press(action)).startswith("This is for whoever manages the server,")
    assert await is_untouched(server)


async def test_who_may_not_write_in_a_room_any_more_is_refused(
    server: Server, staff: Channel
) -> None:
    walker = await walked(server, kind="a", public=server.room.id, staff=staff.id)
    server.chat.rooms.set_overwrites(server.room.id, server.manager, deny=["send_messages"])

    assert f"You may not write in <#{server.room.id}>" in await walker.press("done")
    assert await is_untouched(server)


async def test_a_room_that_is_deleted_meanwhile_is_said(server: Server, staff: Channel) -> None:
    walker = await walked(server, kind="a", staff=staff.id)
    server.chat.rooms.delete_channel(staff.id)

    assert "The room is not in this server" in await walker.press("done")
    assert await is_untouched(server)


async def test_a_server_that_may_not_use_the_workspace_any_more_is_refused(
    server: Server, staff: Channel
) -> None:
    walker = await walked(server, kind="a", staff=staff.id)
    server.bridge.servers = Servers(frozenset())

    assert (await walker.press("done")).startswith("This server may not use the workspace")
    assert await is_untouched(server)


async def test_a_walk_goes_on_after_a_restart(server: Server, staff: Channel) -> None:
    walker = await walked(server, kind="a", staff=staff.id)
    await server.host.remove_cog("TwentyThree")
    await server.host.add_cog(TwentyThree(server.host, Settings(site_url=SITE)))

    assert (await walker.press("done")).startswith("Follows all live events")
    assert len(await server.followed()) == 1


async def test_a_button_of_another_version_gets_one_sentence(server: Server) -> None:
    row = {"type": 1, "components": [a_button("tt:setup:done:x")]}
    payload = {"content": "Set up", "components": [row]}
    params = discord.http.MultipartParameters(payload=payload, multipart=None, files=None)
    sent = await server.host.http.send_message(server.room.id, params=params)
    reply = await server.chat.people.click(server.manager.id, int(sent["id"]), "tt:setup:done:x")
    await server.chat.wait_for(lambda: server.chat.people.reply(reply.interaction_id).followups)

    (said,) = server.chat.people.reply(reply.interaction_id).followups
    assert said.content == "This is of an older version of the bot; give `/video setup` again."


async def test_two_people_at_once_set_it_once(server: Server, staff: Channel) -> None:
    other = server.member("other", "manage_guild")
    server.chat.rooms.set_overwrites(staff.id, other, allow=["view_channel"])
    walks = [
        await walked(server, by, kind="a", public=server.room.id, staff=staff.id)
        for by in (server.manager, other)
    ]
    ends = [
        server.chat.people.click(
            one.by.id, one.shown.message_id or 0, one.part("done")["custom_id"]
        )
        for one in walks
    ]

    await asyncio.gather(*ends)
    await server.chat.wait_for(
        lambda: all(
            not server.chat.people.reply(one.shown.interaction_id).components for one in walks
        )
    )

    assert len(await server.followed()) == 2
    assert len(await trail(server)) == 2


# What the workspace and the rooms allow.


async def test_where_the_level_does_not_allow_it_actions_stay_off_and_that_is_said(
    server: Server, staff: Channel
) -> None:
    server.acting.can_write = False
    walker = await walked(server, kind="a", staff=staff.id)

    assert "credentials of the level write" in await walker.press("done")
    assert not (await rules_by_room(server))[staff.id].has_actions


async def test_one_in_a_forum_gets_a_post_and_a_failure_leaves_none(
    server: Server, staff: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    forum = server.chat.rooms.add_channel(server.guild.id, "events", ChannelType.FORUM)
    walker = await walked(server, kind="o", target=1, public=forum.id, staff=staff.id)
    server.workspace.down = WorkspaceUnreachableError("comment/list")
    await walker.press("done")
    assert _posts(server, forum) == []
    server.workspace.down = None

    await walker.press("done")

    (post,) = _posts(server, forum)
    assert {one.room_id: one.forum_id for one in await server.held()} == {
        post.id: forum.id,
        staff.id: None,
    }


def _posts(server: Server, forum: Channel) -> list[Channel]:
    return [one for one in server.guild.channels.values() if one.parent_id == forum.id]


async def test_a_failure_of_the_store_leaves_all_as_it_was(
    server: Server, staff: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew = server.chat.guilds.add_role(server.guild.id, "crew")
    walker = await walked(
        server, kind="a", public=server.room.id, staff=staff.id, moderators=crew.id
    )
    broken = RuntimeError("in the last of its steps")

    def fail(*_: object) -> None:
        raise broken

    monkeypatch.setattr("cogs.twentythree.storage.server_settings.put_on_trail", fail)

    assert "Something went wrong inside the bot" in await walker.press("done")
    assert await is_untouched(server)


# A sample.


async def test_a_sample_is_posted_in_each_room_mentions_nobody_and_is_removed(
    server: Server, staff: Channel, fans: Role
) -> None:
    walker = await walked(
        server, kind="o", target=2, public=server.room.id, staff=staff.id, mention=fans.id
    )

    said = await walker.press("sample")

    for room in (server.room, staff):
        message = server.chat.messages(room.id)[-1]
        assert f"/{room.id}/{message.id}" in said
        assert message.content.startswith("**Sample.**")
        assert "Show" in str(message.embeds)
        posted = [one for one in server.chat.posts if one.path.endswith(f"{room.id}/messages")]
        assert posted[-1].request["allowed_mentions"]["parse"] == []
    assert await is_untouched(server)

    may = ["view_channel", "manage_messages"]
    server.chat.rooms.set_overwrites(staff.id, server.manager, allow=may)
    (message,) = server.chat.messages(staff.id)
    await server.chat.people.click(server.manager.id, message.id, "tt:sample:remove")
    await server.chat.wait_for(lambda: not server.chat.messages(staff.id))


async def test_a_sample_shows_nothing_of_what_is_private(server: Server, staff: Channel) -> None:
    server.workspace.objects[LIVE.object_id] = replace(LIVE, is_public=False)
    walker = await walked(server, kind="o", target=2, staff=staff.id)

    await walker.press("sample")

    (message,) = server.chat.messages(staff.id)
    assert "Sample of a webinar" in str(message.embeds)
    assert "Show" not in str(message.embeds)


@pytest.mark.parametrize("button", ["done", "sample"])
async def test_a_database_that_is_away_is_told_without_its_place(
    server: Server, button: str
) -> None:
    walker = await Walker.begin(server)
    await walker.choose("kind", "o")
    await walker.choose("target", "1")
    await walker.go("where")
    await walker.choose("public", server.room.id)
    await walker.go("rights")
    server.bridge.store_error = StorageError("The database /srv/bot.db cannot be used.")

    said = await walker.press(button)

    assert "⚠️ The bot's database cannot be used now; its log says why." in said
    assert "/srv" not in said
