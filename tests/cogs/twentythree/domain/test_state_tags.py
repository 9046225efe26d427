import pytest

from cogs.twentythree.domain.state_tags import (
    ENDED,
    LIVE,
    MAX_TAG,
    PLANNED,
    first_tag,
    set_now,
    state_ids,
    tag_of,
    to_create,
)
from cogs.twentythree.languages import Language, said_in_all, speaking

TAGS = {1: "Talks", 2: "planned", 3: "Live", 4: "Ended"}


@pytest.mark.parametrize(
    ("told", "tag"),
    [
        ("idle", None),
        ("soon", PLANNED),
        ("live", LIVE),
        ("ended", ENDED),
        ("cancelled", ENDED),
        ("settled", ENDED),
    ],
)
def test_each_state_has_its_tag(told: str, tag: str | None) -> None:
    assert tag_of(told) == tag


def test_only_what_is_missing_is_made_whatever_case_people_write_in() -> None:
    assert to_create([]) == (PLANNED, LIVE, ENDED)
    assert to_create(["Talks", "LIVE"]) == (PLANNED, ENDED)
    assert to_create(TAGS.values()) == ()


def test_a_forum_that_has_as_many_tags_as_discord_allows_gets_no_more() -> None:
    assert len(to_create([str(number) for number in range(17)])) == 3
    assert to_create([str(number) for number in range(18)]) == ()


def test_of_two_tags_of_one_name_the_first_counts() -> None:
    assert state_ids({5: "Live", 6: "live"}) == {LIVE: 5}


@pytest.mark.parametrize("language", Language)
def test_what_is_made_in_a_language_is_known_in_any_and_not_made_again(language: Language) -> None:
    with speaking(language):
        made = to_create([])
    assert [len(one) <= MAX_TAG for one in made] == [True] * 3
    for spoken in Language:
        with speaking(spoken):
            assert to_create(made) == ()
            assert state_ids(dict(enumerate(made))) == {PLANNED: 0, LIVE: 1, ENDED: 2}


def test_tags_are_made_in_the_language_that_is_spoken() -> None:
    with speaking(Language.SWEDISH):
        assert to_create(["live"]) == ("Planerat", "Avslutat")
        # Whoever has made them in English keeps them.
        assert to_create(TAGS.values()) == ()


def test_no_two_states_have_one_name() -> None:
    names = [name.casefold() for tag in (PLANNED, LIVE, ENDED) for name in said_in_all(tag, "tag")]
    assert len(names) == len(set(names))


def test_a_tag_in_english_goes_before_others_of_its_state() -> None:
    assert state_ids({1: "Geplant", 2: "planned", 3: "Planlagt"}) == {PLANNED: 2}
    assert state_ids({1: "Geplant", 3: "Planlagt"}) == {PLANNED: 1}


@pytest.mark.parametrize(
    ("held", "wanted", "now"),
    [
        ([], PLANNED, [2]),
        ([2], LIVE, [3]),
        ([3, 1], ENDED, [4, 1]),
        ([1, 2], None, [1]),
        ([2], None, []),
    ],
)
def test_one_of_them_is_set_and_what_people_have_set_stays(
    held: list[int], wanted: str | None, now: list[int]
) -> None:
    assert set_now(held, TAGS, wanted, is_required=False) == now


def test_a_post_keeps_its_only_tag_where_it_must_have_one() -> None:
    assert set_now([2], TAGS, None, is_required=True) == [2]


def test_five_tags_that_people_have_set_are_left_alone() -> None:
    held = [11, 12, 13, 14, 15]
    assert set_now(held, TAGS, LIVE, is_required=False) == held


@pytest.mark.parametrize(
    ("wanted", "moderated", "found"),
    [(LIVE, [], [3]), (None, [], [1]), (LIVE, [3], [1]), (None, [1], [2]), (None, [*TAGS], [])],
)
def test_the_tag_of_a_new_post_that_must_have_one(
    wanted: str | None, moderated: list[int], found: list[int]
) -> None:
    assert first_tag(TAGS, wanted, moderated) == found
