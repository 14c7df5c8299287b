from collections.abc import Callable

import pytest

FAULTS = [
    ("claims: [WGT-01]\n", "claims: [WGT-02]\n", "15: claims[0]: there is no claim WGT-02; did you mean WGT-01?"),
    ("claims: [WGT-01]\n", "claims: []\nsources: [seen beside WGT-02]\n", "16: sources[0]: there is no claim WGT-02; did you mean WGT-01?"),
    ("half of WGT-01", "half of ABC-77", "17: params.far_too_small.source: there is no claim ABC-77"),
    ("recipe: bump", "recipe: bumb", "31: changes[0].recipe: recipes.yaml has no bumb; did you mean bump?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), FAULTS)
def test_a_citation_leads_somewhere(
    faults_of: Callable[[str, str, str], list[str]], old: str, new: str, expected: str
) -> None:
    assert faults_of("symptom", old, new) == [f"symptom:{expected}"]
