from diagnose.verdict.edit.text import Splice, behind_comment, comma, indent, line_end, line_ending, splice


def test_splices_are_made_by_offset() -> None:
    assert splice("abcdef", [Splice(4, 5, "E"), Splice(0, 2, ""), Splice(3, 3, "-")]) == "c-dEf"
    assert splice("ab", [Splice(1, 1, "x"), Splice(1, 1, "y")]) == "axyb"


def test_lines_around_an_offset() -> None:
    text = "a: 1  # c\r\n  b: 2\r\n"
    assert line_end(text, 4) == 11
    assert line_end(text, 11) == 11
    assert indent(text, 13) == "  "
    assert indent(text, 3) is None
    assert line_ending(text) == "\r\n"
    assert line_ending("a") == "\n"


def test_what_follows_on_the_line() -> None:
    assert behind_comment("1  # c\n", 1) == 6
    assert behind_comment("1#c", 1) is None
    assert behind_comment("1 ", 1) == 2
    assert behind_comment("1 }", 1) is None


def test_a_comma_in_a_comment_is_none() -> None:
    assert comma("1 # a, b\n , 2", 1) == 10
    assert comma("1 # a, b\n }", 1) is None
    assert comma("1 # a, b", 1) is None
    assert comma("1, 2", 1) == 1
