"""The book of wanted channels."""

from cogs.twentythree.bayeux.subscriptions import Subscriptions


def _standing(*channels: str) -> Subscriptions:
    book = Subscriptions(500)
    book.want(channels)
    book.take_due()
    book.accepted(channels)
    return book


def test_wanted_channels_are_asked_for_in_bounded_arrays() -> None:
    book = Subscriptions(2)
    book.want(["/a", "/b", "/c", "/a"])

    assert book.take_due() == [[("/a", "/b")], [("/c",)]]
    assert book.take_due() == []
    assert len(book.wanted) == 3


def test_a_channel_stands_once_the_server_accepted_it() -> None:
    book = Subscriptions(500)
    book.want(["/a", "/b"])
    assert book.unsettled(["/a", "/x"]) == {"/a"}
    book.take_due()
    assert not book.is_settled

    book.accepted(("/a",))

    assert book.standing(["/a", "/b", "/x"]) == {"/a"}
    assert book.unsettled(["/a", "/b"]) == {"/b"}


def test_a_channel_that_stands_is_not_asked_for_again() -> None:
    book = _standing("/a")
    book.want(["/a"])

    assert book.take_due() == []


def test_a_refused_array_is_asked_again_one_by_one_in_one_frame() -> None:
    book = Subscriptions(500)
    book.want(["/a", "/b"])
    book.take_due()

    assert book.failed(("/a", "/b")) == []
    assert book.take_due() == [[("/a",), ("/b",)]]

    book.accepted(("/a",))

    assert book.failed(("/b",)) == ["/b"]
    assert book.standing(["/a", "/b"]) == {"/a"}
    assert book.is_settled


def test_a_refused_channel_is_tried_again_when_wanted_again_or_in_a_new_session() -> None:
    book = Subscriptions(500)
    book.want(["/a"])
    book.take_due()
    book.failed(("/a",))

    book.want(["/a"])
    assert book.take_due() == [[("/a",)]]

    book.failed(("/a",))
    book.begin_session()
    assert book.take_due() == [[("/a",)]]


def test_the_refusal_of_a_channel_that_is_not_wanted_any_more_is_nobodys_business() -> None:
    book = Subscriptions(500)
    book.want(["/a", "/b"])
    book.take_due()
    book.drop(["/a"])

    assert book.failed(("/a",)) == []


def test_the_server_is_told_only_of_what_it_may_know() -> None:
    book = _standing("/stands")
    book.want(["/refused"])
    book.take_due()
    book.failed(("/refused",))
    book.want(["/asked"])
    book.take_due()
    book.want(["/due"])

    book.drop(["/stands", "/refused", "/asked", "/due", "/unknown"])

    assert book.take_leaving() == [("/stands",)]
    book.accepted(("/asked",))
    assert book.take_leaving() == [("/asked",)]
    assert book.take_leaving() == []
    assert book.take_due() == []
    assert len(book.wanted) == 0


def test_wanting_again_what_is_being_left_subscribes_again() -> None:
    book = _standing("/a", "/b")
    book.drop(["/a", "/b"])
    book.want(["/a"])

    assert book.take_leaving() == [("/b",)]
    assert book.take_due() == [[("/a",)]]


def test_what_was_asked_over_a_lost_transport_is_asked_again() -> None:
    book = _standing("/a")
    book.want(["/b"])
    book.take_due()
    book.drop(["/a"])
    book.take_leaving()

    book.forget_unanswered()

    assert book.take_due() == [[("/b",)]]
    assert book.take_leaving() == [("/a",)]


def test_an_answered_leave_is_not_repeated() -> None:
    book = _standing("/a")
    book.drop(["/a"])
    book.take_leaving()
    book.left(("/a",))

    book.forget_unanswered()

    assert book.take_leaving() == []


def test_a_new_session_starts_from_what_is_wanted() -> None:
    book = _standing("/a", "/b")
    book.drop(["/b"])
    book.begin_session()

    assert book.take_leaving() == []
    assert book.take_due() == [[("/a",)]]


def test_events_are_covered_by_name_or_by_pattern() -> None:
    book = _standing("/a/b", "/c/*", "/d/**")

    covered = ["/a/b", "/c/x", "/d/x/y"]
    assert [channel for channel in [*covered, "/a/x", "/c/x/y", "/d"] if book.covers(channel)] == (
        covered
    )
    assert "/a/b" in book.wanted

    book.drop(["/c/*", "/d/**"])

    assert not book.covers("/c/x")


def test_a_monstrous_channel_is_not_looked_up() -> None:
    assert not _standing("/**").covers("/a" * 3000)


def test_of_a_refused_array_some_may_stand_so_a_dropped_one_is_left() -> None:
    book = Subscriptions(500)
    book.want(["/a", "/b"])
    book.take_due()
    book.failed(("/a", "/b"))
    book.drop(["/a"])

    assert book.take_due() == [[("/b",)]]
    assert book.take_leaving() == [("/a",)]


def test_a_new_session_knows_nothing_of_what_the_old_one_was_asked() -> None:
    book = _standing("/left", "/stood")
    book.want(["/refused"])
    book.take_due()
    book.failed(("/refused",))
    book.want(["/asked", "/alone"])
    book.take_due()
    book.failed(("/alone", "/x"))
    book.drop(["/left"])
    book.take_leaving()

    book.begin_session()

    wanted = ("/stood", "/refused", "/asked", "/alone")
    assert book.take_due() == [[wanted]]
    book.accepted(wanted)
    assert book.is_settled
    assert book.standing(wanted) == set(wanted)
    book.forget_unanswered()
    assert book.take_leaving() == []


def test_a_refused_channel_that_was_dropped_is_asked_for_when_wanted_again() -> None:
    book = Subscriptions(500)
    book.want(["/a"])
    book.take_due()
    book.failed(("/a",))
    book.drop(["/a"])
    book.want(["/a"])
    book.take_due()
    book.accepted(("/a",))

    assert book.standing(["/a"]) == {"/a"}


def test_a_dropped_channel_is_left_even_if_the_answer_about_it_never_came() -> None:
    book = Subscriptions(500)
    book.want(["/a"])
    book.take_due()
    book.forget_unanswered()
    book.drop(["/a"])

    assert book.take_leaving() == [("/a",)]
    assert book.take_due() == []
