"""What is missing is said with how to get it."""

from diagnose.core.extras import is_here, missing


def test_what_is_missing_is_said_with_how_to_get_it() -> None:
    assert missing("torch") == "torch is not installed: pip install 'diagnose[full]'"
    assert is_here("json")
    assert not is_here("no_such_module_of_anybody")
    assert missing("av") == "av is not installed: pip install 'diagnose[video]'"
