from diagnose.sources.config.placeholders import Shield, placeholders


def test_every_placeholder_is_found_comments_included() -> None:
    text = "a: ${ONE} # ${TWO}\nb: $THREE ${}\n"
    assert [name for _, name in placeholders(text)] == ["ONE", "TWO"]
    assert [text[offset : offset + 2] for offset, _ in placeholders(text)] == ["${", "${"]


def test_a_shielded_text_keeps_its_length_and_comes_back() -> None:
    text = "a: [${ONE}, x${TWO}y]"
    shield = Shield(text)
    assert len(shield.text) == len(text)
    assert "{" not in shield.text
    assert shield.restore(shield.text) == text


def test_a_text_with_the_private_characters_is_left_alone() -> None:
    text = "a: ${ONE} \ue000"
    shield = Shield(text)
    assert shield.text == text
    assert shield.restore("\ue000") == "\ue000"


def test_openings_without_end_are_passed_over_quickly() -> None:
    text = "${" * 200_000
    assert Shield(text).text == text
    assert not list(placeholders(text))
