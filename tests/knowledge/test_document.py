"""Every claim stands in one place of the document, every link leads somewhere, and what is wrong has its line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import knowledge_dir, rules_dir
from diagnose.rulebase.document import Document, load_document
from diagnose.rulebase.knowledge import Knowledge
from diagnose.rulebase.reading.load import read_rulebase

Change = Callable[[str, str, str], Path]
PAGES = knowledge_dir() / "document"
SHARED = Path(__file__).parents[2].parent / "shared" / "knowledge" / "claims.yaml"
CONSISTENT = "- **GOOD-02** The intensity of the motion is consistent from checkpoint to checkpoint."


def faults_of(folder: Path) -> list[str]:
    """What loading complains of, each as "file:line: text" with the name of the file or page."""
    with pytest.raises(DiagnoseError) as caught:
        load_document(folder)
    lines = str(caught.value).splitlines()[1:]
    return [line.removeprefix(f"{folder}/").removeprefix("document/") for line in lines]


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def test_every_claim_stands_under_a_heading(document: Document, knowledge: Knowledge) -> None:
    assert len(knowledge.claims) == 88
    assert list(document.passages) == list(knowledge.claims)
    assert all(passage.text and passage.heading.title for passage in document.passages.values())


def test_places_are_where_they_say(document: Document) -> None:
    for passage in document.passages.values():
        lines = (PAGES / passage.page).read_text(encoding="utf-8").splitlines()
        headings = [heading for heading in document.pages[passage.page].headings if heading.line < passage.line]
        assert f"**{passage.claim}**" in lines[passage.line - 1]
        assert passage.heading == headings[-1]
        assert lines[passage.heading.line - 1] == f"{'#' * passage.heading.level} {passage.heading.title}"


def test_a_list_item_keeps_its_markdown(document: Document) -> None:
    passage = document.passages["CFG-02"]
    assert (passage.page, passage.heading.slug) == ("learning-rates.md", "conservative-3-to-1")
    assert passage.text.startswith("For those who want a smaller change")
    assert "\n\n```yaml\ntrain:\n  optimizer: automagic\n" in passage.text
    assert passage.text.endswith("```")


def test_a_table_row_reads_with_the_titles_of_its_columns(document: Document) -> None:
    assert document.passages["PHS-04"].text == "Key: `loss_improvement_rate_below`; Value: 0.005"


def test_the_index_leads_to_every_page(document: Document) -> None:
    linked = {target for target, _ in document.pages["index.md"].links}
    assert document.pages.keys() - {"index.md"} <= linked


def test_pages_that_measure_say_that_it_was_one_run(document: Document, knowledge: Knowledge) -> None:
    for page in document.pages.values():
        kinds = {knowledge.claims[passage.claim].kind for passage in page.passages}
        if kinds & {"threshold", "symptom", "cause", "lesson"}:
            text = (PAGES / page.name).read_text(encoding="utf-8").partition("\n## ")[0]
            assert "(n = 1)" in text, page.name


def test_citations_of_rules_parameters_and_recipes_resolve(document: Document) -> None:
    base = read_rulebase([rules_dir()], knowledge_dir())
    cited = {claim for file in base.files for claim in file.rule.claims}
    cited |= {claim for recipe in base.knowledge.recipes.values() for claim in recipe.claims}
    assert cited <= document.passages.keys()


@pytest.mark.skipif(not SHARED.exists(), reason="no shared list of claims beside this checkout")
def test_the_claims_are_the_ones_asked_for() -> None:
    ours, theirs = (yaml.safe_load(path.read_bytes()) for path in (knowledge_dir() / "claims.yaml", SHARED))
    assert ours == theirs


def test_a_claim_left_out_is_a_fault_at_its_line_of_the_index(changed: Change) -> None:
    folder = changed("document/monitoring.md", CONSISTENT, "")
    line = line_of(folder / "claims.yaml", "id: GOOD-02")
    assert faults_of(folder) == [f"claims.yaml:{line}: claims[49]: claim GOOD-02 is on no page of the document"]


def test_a_claim_that_stands_twice_is_a_fault_where_it_repeats(changed: Change) -> None:
    folder = changed("document/monitoring.md", CONSISTENT, f"{CONSISTENT}\n- **CHK-16** They are watched.")
    place = line_of(folder / "document" / "monitoring.md", "CHK-16")
    repeat = line_of(folder / "document" / "preflight-checklist.md", "CHK-16")
    assert faults_of(folder) == [f"preflight-checklist.md:{repeat}: claim CHK-16 is already at monitoring.md:{place}"]


def test_an_unknown_claim_is_a_fault_and_the_known_one_is_missed(changed: Change) -> None:
    folder = changed("document/monitoring.md", "**GOOD-02**", "**GOOD-22**")
    line = line_of(folder / "document" / "monitoring.md", "GOOD-22")
    faults = faults_of(folder)
    assert f"monitoring.md:{line}: there is no claim GOOD-22; did you mean" in "\n".join(faults)
    assert any(fault.endswith("claim GOOD-02 is on no page of the document") for fault in faults)


def test_a_claim_named_in_passing_must_exist(changed: Change) -> None:
    folder = changed("document/weights.md", "## The measure\n", "## The measure\n\nCompare MON-44.\n")
    line = line_of(folder / "document" / "weights.md", "MON-44")
    assert [fault.partition(";")[0] for fault in faults_of(folder)] == [f"weights.md:{line}: there is no claim MON-44"]


@pytest.mark.parametrize(
    "target", ["elsewhere.md", "weights.md#the-measures", "#nowhere", "../weights.md", "../../README.md"]
)
def test_a_link_that_leads_nowhere_is_a_fault(changed: Change, target: str) -> None:
    folder = changed("document/intent.md", "## Ask first\n", f"## Ask first\n\nLook [here]({target}).\n")
    line = line_of(folder / "document" / "intent.md", "Look [here]")
    assert faults_of(folder) == [f"intent.md:{line}: the link {target} leads nowhere"]


@pytest.mark.parametrize(
    "target", ["weights.md", "weights.md#the-measure", "#ask-first", "../claims.yaml", "https://x.org"]
)
def test_a_link_that_leads_somewhere_is_none(changed: Change, target: str) -> None:
    folder = changed("document/intent.md", "## Ask first\n", f"## Ask first\n\nLook [here]({target}).\n")
    assert target in {each for each, _ in load_document(folder).pages["intent.md"].links}


def test_two_headings_of_one_anchor_are_faults(changed: Change) -> None:
    folder = changed("document/intent.md", "## Ask first\n", "## Ask first\n\n### Ask, first!\n")
    faults = faults_of(folder)
    assert len(faults) == 2
    assert all(fault.endswith("more than one heading has the anchor #ask-first") for fault in faults)


def test_a_page_begins_with_its_title(changed: Change) -> None:
    folder = changed("document/the-next-run.md", "# The next run\n", "The next run\n")
    assert "the-next-run.md:1: begin the page with its title: # ..." in faults_of(folder)


def test_a_page_is_text(changed: Change) -> None:
    folder = changed("document/the-next-run.md", "# The next run\n", "# The next run\n")
    (folder / "document" / "the-next-run.md").write_bytes(b"# \xff\n")
    assert "the-next-run.md:1: not UTF-8 text; save the file as UTF-8" in faults_of(folder)


def test_raw_html_is_not_read_as_markup(changed: Change) -> None:
    folder = changed("document/weights.md", "# Weight magnitude:", "# <b>Weight</b> magnitude:")
    assert load_document(folder).pages["weights.md"].headings[0].title.startswith("<b>Weight</b>")


def test_all_faults_are_told_at_once(changed: Change) -> None:
    changed("document/monitoring.md", CONSISTENT, "")
    changed("document/weights.md", "## The measure\n", "## The measure\n\nCompare MON-44.\n")
    folder = changed("document/intent.md", "## Ask first\n", "## Ask first\n\nLook [here](nowhere.md).\n")
    assert [fault.partition(":")[0] for fault in faults_of(folder)] == ["claims.yaml", "intent.md", "weights.md"]


def test_faulty_knowledge_is_told_before_the_pages_are_judged(changed: Change) -> None:
    folder = changed("parameters.yaml", "lr_ratio_min:            {value: 3,", "lr_ratio_min:            {value: [3],")
    assert all(fault.startswith("parameters.yaml:") for fault in faults_of(folder))


def test_the_rule_base_and_the_grades_load_without_a_markdown_parser() -> None:
    code = (
        "import sys; from diagnose.core.paths import knowledge_dir, rules_dir; "
        "from diagnose.rulebase.reading.load import read_rulebase; "
        "assert read_rulebase([rules_dir()], knowledge_dir()).knowledge.standings; "
        "sys.exit('markdown_it' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
