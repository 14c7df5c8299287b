from __future__ import annotations

from diagnose.core.values import Place, Remark
from diagnose.sources.tally import Tally


def test_one_remark_per_kind_with_its_number_and_first_place() -> None:
    tally = Tally("a.log")
    tally.add("odd", line=3, key="loss", step=2)
    tally.add("odd", line=9, key="loss", step=8)
    tally.add("odd", line=4, key="lr_0")
    assert tally.remarks() == (
        Remark(Place("a.log", line=3, key="loss", step=2), "odd (2 times, this is the first)"),
        Remark(Place("a.log", line=4, key="lr_0"), "odd"),
    )
