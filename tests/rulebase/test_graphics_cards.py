import pytest
from builders import KNOWLEDGE

from diagnose.rulebase.graphics_cards import card_named, memory_named

CARDS = KNOWLEDGE.cards.values()


@pytest.mark.parametrize(
    ("name", "card"),
    [
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("rtx4090", "RTX 4090"),
        ("4090D", "RTX 4090 D"),
        ("RTX 3090Ti", "RTX 3090 Ti"),
        ("NVIDIA GeForce RTX 4070 Ti SUPER", "RTX 4070 Ti Super"),
        ("NVIDIA A100-SXM4-80GB", "A100"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "RTX PRO 6000"),
        ("NVIDIA L40S", "L40S"),
        ("5090 32GB", "RTX 5090"),
    ],
)
def test_a_card_is_known_by_the_names_that_programs_and_people_give_it(name: str, card: str) -> None:
    found = card_named(name, CARDS)
    assert found is not None
    assert found.name == card


@pytest.mark.parametrize(
    "name",
    ["RTX 4090 Laptop GPU", "RTX5090Laptop-24G", "H100 NVL", "Quadro RTX 6000", "RTX PRO 6000 Max-Q", "GTX 1080", ""],
)
def test_another_card_is_not_taken_for_one_that_is_known(name: str) -> None:
    assert card_named(name, CARDS) is None


def test_the_memory_is_that_of_the_name_else_of_the_card() -> None:
    named = ("NVIDIA A100-SXM4-40GB", "A100", "RTX 4090 48GB", "RTX 4090", "NVIDIA H100 80GB HBM3")
    found = [memory_named(name, card) for name in named if (card := card_named(name, CARDS)) is not None]
    assert found == [40, None, 48, 24, 80]


def test_what_was_measured_agrees_with_what_is_stated() -> None:
    assert all(0.75 < card.measured / card.bf16 < 1.15 for card in CARDS if card.measured is not None)
