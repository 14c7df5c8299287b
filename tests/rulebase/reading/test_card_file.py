from diagnose.rulebase.reading.card_file import read_cards
from diagnose.rulebase.yaml_places import parse

CARD = "RTX 4090: {words: ['4090'], memory: 24, bf16: 165, source: A}\n"


def faults(text: str) -> list[str]:
    document = parse("cards.yaml", text)
    read_cards(document)
    return [str(fault) for fault in document.faults]


def test_a_card_is_read_with_its_name() -> None:
    document = parse("cards.yaml", CARD)
    (card,) = read_cards(document).values()
    assert (card.name, card.words, card.memory, card.bf16, card.measured) == ("RTX 4090", ("4090",), 24, 165, None)
    assert not document.faults


def test_a_card_that_its_own_name_does_not_find_is_a_fault() -> None:
    assert "RTX 4090 is not found by these words" in faults(CARD.replace("'4090'", "'4080'"))[0]
    twice = CARD + "RTX 4090 Ti: {words: ['4090'], memory: 24, bf16: 165, source: A}\n"
    assert faults(twice), "two cards by the same words"


def test_a_figure_has_to_be_one() -> None:
    assert faults(CARD.replace("165", "0"))
    assert faults(CARD.replace("source: A", "source: somewhere"))
