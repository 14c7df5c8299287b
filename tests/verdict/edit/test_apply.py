"""What an edit looks like in the text, style by style."""

from typing import Any

import pytest

from diagnose.core.errors import DiagnoseError
from diagnose.verdict.edit.apply import Edit, apply_edits, remove_key, same, set_value, unified_diff

CONFIG = """\
# my run
job: extension
config:
  name: "run"   # a name
  process:
    - type: 'sd_trainer'
      train:
        steps: 2000  # 500 - 4000 is a good range
        lr: 1e-4

        # the optimizer
        optimizer: "adamw8bit"
        optimizer_params:
          weight_decay: 1e-4
      # what to train
      model: {arch: wan22_14b, quantize: true}
"""


def edited(text: str, *edits: Edit) -> str:
    return apply_edits(text, edits, json=False)


def changed(text: str, *edits: Edit, json: bool = False) -> list[str]:
    """The lines that went and came, without the frame of the diff."""
    diff = unified_diff(text, apply_edits(text, edits, json=json), "config.yaml").split("\n")[2:]
    return [line for line in diff if line[:1] in {"+", "-"}]


def test_a_scalar_is_replaced_and_nothing_else() -> None:
    assert changed(CONFIG, Edit("config.process[0].train.steps", 2200)) == [
        "-        steps: 2000  # 500 - 4000 is a good range",
        "+        steps: 2200  # 500 - 4000 is a good range",
    ]


def test_numbers_are_written_for_every_reader() -> None:
    assert changed(CONFIG, Edit("config.process[0].train.lr", 2e-5)) == [
        "-        lr: 1e-4",
        "+        lr: 2.0e-5",
    ]


def test_text_keeps_the_quotes_it_had() -> None:
    assert changed(
        CONFIG,
        Edit("config.process[0].train.optimizer", "automagic"),
        Edit("config.process[0].type", "it's"),
        Edit("config.process[0].model.arch", "wan22_14b_i2v"),
    ) == [
        "-    - type: 'sd_trainer'",
        "+    - type: 'it''s'",
        '-        optimizer: "adamw8bit"',
        '+        optimizer: "automagic"',
        "-      model: {arch: wan22_14b, quantize: true}",
        "+      model: {arch: wan22_14b_i2v, quantize: true}",
    ]


def test_new_keys_go_to_the_end_of_their_mapping_in_its_style() -> None:
    root = "config.process[0]."
    assert changed(
        CONFIG,
        Edit(root + "train.optimizer_params.lr_bump", 1e-5),
        Edit(root + "train.switch_boundary_every", 100),
        Edit(root + "model.model_kwargs.train_high_noise", value=True),
        Edit(root + "save.save_every", 100),
    ) == [
        "+          lr_bump: 1.0e-5",
        "+        switch_boundary_every: 100",
        "-      model: {arch: wan22_14b, quantize: true}",
        "+      model: {arch: wan22_14b, quantize: true, model_kwargs: {train_high_noise: true}}",
        "+      save:",
        "+        save_every: 100",
    ]


def test_a_removed_key_takes_its_own_comment_only() -> None:
    root = "config.process[0]."
    assert changed(CONFIG, Edit(root + "train.steps", remove=True), Edit(root + "train.optimizer", remove=True)) == [
        "-        steps: 2000  # 500 - 4000 is a good range",
        '-        optimizer: "adamw8bit"',
    ]


def test_an_emptied_mapping_stays_one() -> None:
    assert changed(CONFIG, Edit("config.process[0].train.optimizer_params.weight_decay", remove=True)) == [
        "-        optimizer_params:",
        "-          weight_decay: 1e-4",
        "+        optimizer_params: {}",
    ]


def test_a_mapping_can_go_as_a_whole_or_become_a_scalar() -> None:
    path = "config.process[0].train.optimizer_params"
    assert changed(CONFIG, Edit(path, remove=True)) == [
        "-        optimizer_params:",
        "-          weight_decay: 1e-4",
    ]
    assert changed(CONFIG, Edit(path, 5)) == [
        "-        optimizer_params:",
        "-          weight_decay: 1e-4",
        "+        optimizer_params: 5",
    ]


def test_what_is_so_already_stays_as_it_is_written() -> None:
    root = "config.process[0]."
    edits = (Edit(root + "train.lr", 1e-4), Edit(root + "save", remove=True), Edit(root + "model.quantize", value=True))
    assert edited(CONFIG, *edits) == CONFIG


def test_one_is_not_true_and_not_one_point_zero() -> None:
    assert edited("a: 1\n", Edit("a", value=True)) == "a: true\n"
    assert edited("a: 1\n", Edit("a", 1.0)) == "a: 1.0\n"
    assert edited("a: '1'\n", Edit("a", 1)) == "a: 1\n"


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("a:\nb: 1\n", Edit("a", 5), "a: 5\nb: 1\n"),
        ("a:  # c\n", Edit("a", 5), "a: 5  # c\n"),
        ("a:  # c\nb: 1\n", Edit("a.x.y", 5), "a:  # c\n  x:\n    y: 5\nb: 1\n"),
        ("a: null  # c\n", Edit("a.x", 5), "a:  # c\n  x: 5\n"),
        ("a: {}\n", Edit("a.x", 5), "a: {x: 5}\n"),
        ("a: [1, {b: ~}]\n", Edit("a[1].b.c", 5), "a: [1, {b: {c: 5}}]\n"),
        ("a:\n  - 1\n  -\n", Edit("a[1]", 5), "a:\n  - 1\n  - 5\n"),
        ("a:\n- 512\n- 768\nb: 1\n", Edit("a", 512), "a: 512\nb: 1\n"),
        ("a: |\n  x\n  y\n\nb: 1\n", Edit("a", 5), "a: 5\n\nb: 1\n"),
        ("a: |\n  x\n", Edit("b", 5), "a: |\n  x\nb: 5\n"),
        ("a: 1", Edit("b", 5), "a: 1\nb: 5"),
        ("a: 1", Edit("a", 5), "a: 5"),
        ("a: 1\r\nb: 2\r\n", Edit("c", 5), "a: 1\r\nb: 2\r\nc: 5\r\n"),
        ("\ufeffa: 1\n", Edit("a", 5), "\ufeffa: 5\n"),
        ("- x: 1\n  y: 2\n", Edit("[0].x", remove=True), "- y: 2\n"),
        ("- x: 1  # c\n  # d\n  y: 2\n", Edit("[0].x", remove=True), "-\n  # d\n  y: 2\n"),
        ("- x: 1\r\n  y: 2\r\n", Edit("[0].x", remove=True), "- y: 2\r\n"),
        ("- x: 1\n\n  y: 2\n", Edit("[0].x", remove=True), "-\n\n  y: 2\n"),
        ("- x: 1\n", Edit("[0].x", remove=True), "- {}\n"),
        ("a: &x\n  b: 1\n", Edit("a.b", remove=True), "a: &x {}\n"),
        ("-\n  x: 1\n", Edit("[0].x", remove=True), "- {}\n"),
        ("x: 1  # c\n", Edit("x", remove=True), "{}\n"),
        ("a:\n    b: 1\n", Edit("c.d", 5), "a:\n    b: 1\nc:\n    d: 5\n"),
        ("a: 1\nb: 2\na: 3\n", Edit("a", 5), "a: 1\nb: 2\na: 5\n"),
        ("a: 1\nb: 2\na: 3\n", Edit("a", remove=True), "b: 2\n"),
        ("---\na: 1\n...\n", Edit("b", 5), "---\na: 1\nb: 5\n...\n"),
        ('"a": 1\n', Edit("b", 5), '"a": 1\n"b": 5\n'),
        ("a: &x 1\n", Edit("a", 5), "a: &x 5\n"),
        ("a: !!int 1\n", Edit("a", 5.5), "a: 5.5\n"),
        ("a: ${A}  # ${B}\n", Edit("a", 5), "a: 5  # ${B}\n"),
    ],
)
def test_block_style(before: str, edit: Edit, after: str) -> None:
    assert edited(before, edit) == after


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("{a: 1, b: 2}\n", Edit("a", remove=True), "{b: 2}\n"),
        ("{a: 1, b: 2}\n", Edit("b", remove=True), "{a: 1}\n"),
        ("{a: 1, b: 2,}\n", Edit("b", remove=True), "{a: 1, }\n"),
        ("{ a: 1 }\n", Edit("a", remove=True), "{}\n"),
        ("{ a: 1 }\n", Edit("b", 5), "{ a: 1, b: 5 }\n"),
        ("{a: 1,}\n", Edit("b", 5), "{a: 1, b: 5,}\n"),
        ("{a, b: 2}\n", Edit("a", 5), "{a: 5, b: 2}\n"),
        ("{a: , b: 2}\n", Edit("a", 5), "{a: 5 , b: 2}\n"),
        ("{'a': 1}\n", Edit("b", "x"), "{'a': 1, 'b': x}\n"),
        ("{a: 1}\n", Edit("b", "x, y"), '{a: 1, b: "x, y"}\n'),
        ("{\n  a: 1,  # c, c\n  b: 2   # d\n}\n", Edit("c", 5), "{\n  a: 1,  # c, c\n  b: 2,   # d\n  c: 5\n}\n"),
        ("{\n  a: 1,  # c\n  b: 2,  # d\n}\n", Edit("c", 5), "{\n  a: 1,  # c\n  b: 2,  # d\n  c: 5,\n}\n"),
        ("{\n  a: 1,  # c, c\n  b: 2   # d\n}\n", Edit("b", remove=True), "{\n  a: 1  # c, c\n}\n"),
        ("{\n  a: 1,  # c\n  b: 2   # d\n}\n", Edit("a", remove=True), "{\n  b: 2   # d\n}\n"),
        ("{a: 1,\n b: 2}\n", Edit("c", 5), "{a: 1,\n b: 2,\n c: 5}\n"),
        ("{a: 1, # c\n b: 2}\n", Edit("b", remove=True), "{a: 1 # c\n }\n"),
    ],
)
def test_flow_style(before: str, edit: Edit, after: str) -> None:
    assert edited(before, edit) == after


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ('{"a":1,"b":2}', Edit("c", 5), '{"a":1,"b":2,"c":5}'),
        ('{"a": 1}', Edit("b.c", 2e-5), '{"a": 1, "b": {"c": 2.0e-5}}'),
        ('{"a": 1}', Edit("a", "x\n"), '{"a": "x\\n"}'),
        ('{"a": 1, "b": 2}', Edit("b", remove=True), '{"a": 1}'),
        ('{"a": 1, "b": 2}', Edit("a", remove=True), '{"b": 2}'),
        ('{"a": {"b": 1}}', Edit("a.b", remove=True), '{"a": {}}'),
        ('{"a": null}', Edit("a.b", value=None), '{"a": {"b": null}}'),
        ('{\n\t"a": 1\n}\n', Edit("b", value=False), '{\n\t"a": 1,\n\t"b": false\n}\n'),
        ('{\n  "a": 1\n}', Edit("b.c", 5), '{\n  "a": 1,\n  "b": {\n    "c": 5\n  }\n}'),
        ('{\r\n  "a": 1,\r\n  "b": 2\r\n}', Edit("b", remove=True), '{\r\n  "a": 1\r\n}'),
        ('{"a": 1, "a": 2}', Edit("a", 5), '{"a": 1, "a": 5}'),
    ],
)
def test_json(before: str, edit: Edit, after: str) -> None:
    assert apply_edits(before, [edit], json=True) == after


@pytest.mark.parametrize(
    ("text", "edit", "problem"),
    [
        ("a: &x {b: 1}\nc: *x\n", Edit("a.b", 5), "&x, which is used in several places"),
        ("a: &x {b: 1}\nc: *x\n", Edit("c.b", 5), "&x, which is used in several places"),
        ("a: &x 1\nc: *x\n", Edit("a", 5), "&x is here and is used elsewhere"),
        ("a: &x 1\nc: *x\n", Edit("a", remove=True), "&x is here and is used elsewhere"),
        ("a:\n  b: &x 1\nc: *x\n", Edit("a", remove=True), "&x is here and is used elsewhere"),
        ("a: &x {b: {d: 1}}\nc:\n  <<: *x\n", Edit("c.b.d", 5), "used in several places|comes from a merge"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", Edit("c.b", remove=True), "comes from a merge"),
        ("a: 1\n", Edit("a.b", 5), "a is 1, not a mapping"),
        ("a: [1]\n", Edit("a.b", 5), "a list where b"),
        ("a: [1]\n", Edit("a[1]", 5), r"no list item \[1\]"),
        ("a: [1]\n", Edit("a[0]", remove=True), "is a list item"),
        ("a: 1\n", Edit("b[0]", 5), "there is no such list"),
        ("? a\n: 1\n", Edit("a", 5), "written with '. '"),
        ("? a\n: 1\n", Edit("b", 5), "written with '. '"),
        ("a: [b: 1]\n", Edit("a[0].c", 5), "without braces"),
        ("a: 1\n", Edit("b", float("nan")), "finite"),
        ("a: 1\n", Edit("", 5), "nothing to edit"),
        ("", Edit("a", 5), "nothing to edit"),
        ("a: |+\n  x\n\nb: 1\n\n", Edit("b", remove=True), "cannot be written safely"),
        ("a: 1\n" * 20, Edit("a", remove=True), "remove it by hand"),
    ],
)
def test_what_cannot_be_done_safely_is_refused(text: str, edit: Edit, problem: str) -> None:
    with pytest.raises(DiagnoseError, match=problem) as error:
        edited(text, edit)
    assert "\n" not in str(error.value)


def test_an_alias_may_be_replaced_and_a_merged_key_overridden() -> None:
    assert edited("a: &x 1\nc: *x\n", Edit("c", 5)) == "a: &x 1\nc: 5\n"
    assert edited("a: &x {b: 1}\nc: *x\n", Edit("c", remove=True)) == "a: &x {b: 1}\n"
    assert edited("a: &x {b: 1}\nc:\n  <<: *x\n", Edit("c.b", 5)) == "a: &x {b: 1}\nc:\n  <<: *x\n  b: 5\n"


@pytest.mark.parametrize("paths", [("a", "a"), ("a.b", "a"), ("a[0].x", "a[0]")])
def test_two_edits_of_one_setting_are_refused(paths: tuple[str, str]) -> None:
    with pytest.raises(DiagnoseError, match="two edits of one setting"):
        edited("a: 1\n", *(Edit(path, 5) for path in paths))


def test_unified_diff() -> None:
    assert not unified_diff("a\n", "a\n", "c.yaml")
    assert unified_diff("a\r\nb\r\n", "a\r\nc\r\n", "c.yaml") == (
        "--- a/c.yaml\n+++ b/c.yaml\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"
    )
    assert unified_diff("a", "b\n", "c.yaml").endswith("-a\n\\ No newline at end of file\n+b\n")


def test_parents_are_made_where_they_are_missing_or_null() -> None:
    content: dict[str, Any] = {"a": [None, 1], "b": None}
    set_value(content, ("a", 0, "x"), 1)
    set_value(content, ("b", "c", "d"), 2)
    set_value(content, ("e", "f"), 3)
    assert content == {"a": [{"x": 1}, 1], "b": {"c": {"d": 2}}, "e": {"f": 3}}


def test_removing_what_is_absent_changes_nothing() -> None:
    content: dict[str, Any] = {"a": {"b": 1}, "c": 5}
    for steps in (("a", "x"), ("x", "y"), ("c", "d"), ("a", "b", "c")):
        remove_key(content, steps)
    assert content == {"a": {"b": 1}, "c": 5}
    remove_key(content, ("a", "b"))
    assert content == {"a": {}, "c": 5}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, False),
        (1, True, False),
        ("1", 1, False),
        (float("nan"), float("nan"), True),
        ({"a": [1, 2]}, {"a": [1, 2]}, True),
        ({"a": [1, 2]}, {"a": [1, 2.0]}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1], [1, 2], False),
    ],
)
def test_sameness_minds_the_type(one: object, other: object, equal: bool) -> None:
    assert same(one, other) is equal
