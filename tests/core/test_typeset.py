"""Source set in columns."""

from __future__ import annotations

from lstmviz.core.words.typeset import WIDTH, Block, Remark, laid_out, listing


def lines(*remarks: Remark) -> list[str]:
    return laid_out([Block("", remarks)], with_reasons=False).splitlines()


def test_comments_stand_in_one_column():
    assert lines(Remark("a = 1", "one"), Remark("longer = 2", "two"), Remark("b = 3")) == [
        "a = 1       # one",
        "longer = 2  # two",
        "b = 3",
    ]


def test_a_comment_without_room_goes_above_its_line_and_leaves_the_column():
    long = f"x = {'y' * 80}"
    assert lines(Remark("a = 1", "one"), Remark(long, "two")) == ["a = 1  # one", "# two", long]
    comment = "c" * 82
    assert lines(Remark("a = 1", comment), Remark("longer = 2", "two")) == [
        f"# {comment}",
        "a = 1",
        "longer = 2  # two",
    ]


def test_a_long_call_takes_one_line_of_arguments_or_one_each():
    short = f"call_it({'a' * 40}, {'b' * 40})"
    assert lines(Remark(short)) == ["call_it(", f"    {'a' * 40}, {'b' * 40}", ")"]
    assert lines(Remark(f"f({'a' * 50}, {'b' * 50})")) == [
        "f(",
        f"    {'a' * 50},",
        f"    {'b' * 50},",
        ")",
    ]


def test_a_long_list_is_filled():
    code = f"numbers = {listing([*range(40), 0.5])}"
    found = lines(Remark(code))
    assert eval(" ".join(found).removeprefix("numbers = ")) == [*range(40), 0.5]  # noqa: S307
    assert len(found) == 4
    assert len(found[1]) > WIDTH - 5


def test_reasons_are_wrapped_and_can_be_left_out():
    block = Block("Because " * 20, (Remark("a = 1"),))
    explained = laid_out([block, block], with_reasons=True).splitlines()
    assert explained[:3] == [
        "# " + "Because " * 9 + "Because",
        "# " + "Because " * 9 + "Because",
        "a = 1",
    ]
    assert laid_out([block, block], with_reasons=False) == "a = 1\n\na = 1\n"
