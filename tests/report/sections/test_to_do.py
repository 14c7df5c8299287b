"""What to do now, in order."""

from __future__ import annotations

from msgspec.structs import replace
from report_text import shown

from diagnose.core.values import Place, Severity
from diagnose.domains.wan22.experts import Expert
from diagnose.facts.weights.evolution import Evolution
from diagnose.facts.weights.keep import Keep
from diagnose.report.sections.to_do import to_do
from diagnose.rulebase.rule import Applicability, ChangeOp, Meaning
from diagnose.verdict.judgement import Change, Conflict, Evidence, NotEvaluated, Supposed
from diagnose.verdict.next.next_config import Caveat, ExpertConfig, Outlook, Reach
from diagnose.verdict.report import Report
from diagnose.verdict.run_summary import DatasetSummary
from diagnose.verdict.stories import Status, Verdict

CHANGES = "Changes: `high_noise_lr_bump` `1e-5` → `2e-5`; `low_noise_max_lr` `1e-4` (new); `steps` `10000` → `2200`"
COMMAND = "diagnose next runs/run-v15 --intent motion -o next.yaml"


def items(report: Report) -> list[str]:
    heading, text = shown(to_do(report))
    assert heading == "## What to do now"
    return [line.split(". ", 1)[1] for line in text.splitlines()]


def test_advice_then_the_next_run_then_what_is_missing(failing: Report) -> None:
    assert items(failing) == [
        "Render steps 1900 to 2100 with one seed and keep the best: weights and losses can't separate them.",
        "Use the checkpoint of step 2100: its weight ratio is the largest.",
        f"Create the next config (3 changes): `{COMMAND}`. {CHANGES}.",
        "Add the previews (samples/): 2 more checks need it.",
    ]


def test_advice_about_the_checkpoints_that_are_compared_is_not_given_twice(failing: Report) -> None:
    again = replace(failing.next.changes[3], because="keep one of step 1900 to 2100")
    assert not any("Keep one" in item for item in items(replace(failing, next=replace(failing.next, changes=(again,)))))


def test_one_best_checkpoint_is_to_be_used_and_an_only_one_is_not_spoken_of(failing: Report) -> None:
    assert failing.evolution is not None
    assert failing.evolution.keep is not None
    keep = replace(failing.evolution.keep, steps=(2100,))
    report = replace(failing, evolution=replace(failing.evolution, keep=keep))
    assert items(report)[0] == "Use the checkpoint of step 2100: weights and losses favour it."
    assert "weights and losses" not in items(replace(report, checkpoints=report.checkpoints[:1]))[0]


def test_advice_of_a_minor_finding_comes_after_the_next_run(failing: Report) -> None:
    grave = next(each for each in failing.findings if any(c.op is ChangeOp.ADVISE for c in each.changes))
    minor = replace(grave, severity=Severity.MINOR)
    found = items(replace(failing, findings=tuple(minor if each is grave else each for each in failing.findings)))
    assert found[1].startswith("Create the next config")
    assert found[2].startswith("Use the checkpoint of step 2100")


def test_a_path_in_a_command_is_quoted(failing: Report) -> None:
    report = replace(failing, run=replace(failing.run, path="my run; rm -rf ~", intent=None))
    assert "`diagnose next 'my run; rm -rf ~' -o next.yaml`" in items(report)[2]


def test_doubtful_and_manual_changes_are_named(failing: Report) -> None:
    bump, ceiling, steps, _ = failing.next.changes
    changes = (
        bump,
        replace(ceiling, applicability=Applicability.REVIEW),
        replace(steps, applicability=Applicability.MANUAL),
    )
    found = items(replace(failing, next=replace(failing.next, changes=changes)))
    assert "Create the next config (2 changes): " in found[2]
    assert found[3] == "Check these changes before you start: `low_noise_max_lr` `1e-4` (new). "
    assert found[4] == "Change by hand: `train.steps`: `10000` → `2200`."


def test_without_a_config_all_changes_are_by_hand(failing: Report) -> None:
    plan = replace(failing.next, changes=failing.next.changes[2:3], config=None, diff=None)
    found = items(replace(failing, next=plan, not_evaluated=()))
    assert found[2:] == ["Change by hand: `train.steps`: `10000` → `2200`."]


def test_conflicts_are_for_the_reader_to_decide(healthy: Report) -> None:
    plan = replace(healthy.next, conflicts=(Conflict("train.lr", (("a", "1"), ("b", "2"))),))
    assert items(replace(healthy, next=plan)) == [
        "Decide on `train.lr` yourself: the rules disagree, so it stays as it is."
    ]


def test_nothing_to_do_is_said(healthy: Report) -> None:
    assert shown(to_do(healthy))[1] == "Nothing to change."


def waits(name: str, title: str, need: str) -> NotEvaluated:
    return NotEvaluated(name, "REM001", title, (need,), ("run.trainer",), "facts are missing")


def test_what_the_next_config_waits_for_is_asked_before_it_is_offered(failing: Report) -> None:
    need = "the trainer's log, or --trainer"
    bump = failing.next.changes[0]
    fork = replace(waits("faster", "Learn faster", need), trainers=("ai-toolkit-relaxis",), changes=(bump,))
    two = replace(bump, path="", op=ChangeOp.ADVISE, rules=("apart",))
    upstream = replace(waits("apart", "Train apart", need), trainers=("ai-toolkit",), changes=(two,))
    plan = replace(failing.next, waiting=(fork, upstream), apart_by=("apart",))
    found = items(replace(failing, next=plan))
    assert found[2].startswith(
        "Say which trainer you use, `--trainer ai-toolkit` or `--trainer ai-toolkit-relaxis`: "
        "with `--trainer ai-toolkit-relaxis`, `train.optimizer_params.high_noise_lr_bump`: "
    )
    assert found[2].endswith("with `--trainer ai-toolkit`, two runs, one per expert, give each its own rate.")
    assert found[3].startswith("Create the next config")
    assert not any("Learn faster" in item or "Train apart" in item for item in found)
    this = Outlook("this config", None, {"high": None, "low": None}, 1.0, None, None, Reach.UNDER, "")
    plan = replace(plan, outlook=(this, replace(this, config=plan.strategy)))
    assert "Until the trainer is known, the learning-rate ratio stays at 1.00." in items(replace(failing, next=plan))[3]


def test_two_runs_are_written_by_one_command(failing: Report) -> None:
    pair = tuple(ExpertConfig(expert, None, (), "text", "diff") for expert in Expert)
    found = items(replace(failing, next=replace(failing.next, config=None, diff=None, configs=pair)))
    command = COMMAND.replace("-o", "--split -o")
    assert found[2] == f"Create two configs, one per expert, `next.high.yaml` and `next.low.yaml`: `{command}`"
    assert not any(item.startswith("Change by hand") for item in found)


def test_the_command_repeats_the_trainer_the_user_named(failing: Report) -> None:
    asked = Evidence("run.trainer", "as asked", "ai-toolkit", "", "run", Place("command line", key="--trainer"))
    run = replace(failing.run, trainer="ai-toolkit", trainer_evidence=(asked,))
    assert "runs/run-v15 --trainer ai-toolkit --intent" in items(replace(failing, run=run))[2]


def test_what_is_removed_is_listed_together(failing: Report) -> None:
    gone = [
        replace(each, op=ChangeOp.REMOVE, new=None, applicability=Applicability.REVIEW)
        for each in failing.next.changes[:2]
    ]
    found = items(replace(failing, next=replace(failing.next, changes=tuple(gone))))
    names = "; ".join(f"remove `{each.path.rpartition('.')[2]}`" for each in gone)
    assert f"Check these changes before you start: {names}. " in found


def test_a_config_that_would_still_be_stopped_is_not_to_be_started(failing: Report) -> None:
    fault = Supposed("arch-unknown", "TRP022", Severity.BLOCKER, "The trainer does not know it", "No.")
    found = items(replace(failing, next=replace(failing.next, standing=(fault,))))
    assert found[2].startswith(f"Create the next config (3 changes): `{COMMAND}`. ")
    assert found[2].endswith(" Do not start it yet: the next config would still be blocked (arch-unknown).")


def test_two_runs_that_are_advised_are_one_command_and_nothing_beside_it(failing: Report) -> None:
    advised = replace(failing.next.changes[3], because="diagnose next --split writes two", rules=("apart",))
    plan = replace(failing.next, changes=(*failing.next.changes, advised), apart=True, apart_by=("apart",))
    found = items(replace(failing, next=plan))
    split = COMMAND.replace("-o", "--split -o")
    assert found[2].startswith(
        "Create two configs, one per expert, `next.high.yaml` and `next.low.yaml`, because this trainer has one rate "
        f"for both experts: `{split}`. "
    )
    assert sum("diagnose next" in item for item in found) == 1
    fault = Supposed("stills-teach-no-motion", "TRP012", Severity.CRITICAL, "Stills", "No.")
    assert "Do not start them yet: " in items(replace(failing, next=replace(plan, standing=(fault,))))[2]


def test_a_folder_that_was_looked_at_is_to_be_filled_not_to_be_given(failing: Report) -> None:
    waiting = replace(failing.not_evaluated[0], needs=("the data set's folder (--dataset)",))
    report = replace(failing, not_evaluated=(waiting,))
    assert not any("--dataset" in item for item in items(report))
    looked_at = DatasetSummary("datasets[0]", "/data/clips", "given with --dataset", 0)
    assert items(replace(report, run=replace(report.run, datasets=(looked_at,))))[-1] == (
        "Add usable clips and captions in the data set's folder (/data/clips): 1 more check needs it."
    )


def test_a_run_on_its_way_is_told_how_it_goes_on(healthy: Report, failing: Report) -> None:
    going_on = (
        "To continue this run, start the trainer again with the same config: it resumes from the save of step 800."
    )
    assert items(replace(healthy, run=replace(healthy.run, resumes_from=800))) == [going_on]
    assert going_on not in items(replace(failing, run=replace(failing.run, resumes_from=800)))


def test_files_trained_at_another_scale_get_the_strength_that_makes_up_for_it(failing: Report) -> None:
    scale = Evidence("effective.training_scale", "scale in training", 0.25, "", "run", None)
    wrong = replace(failing.findings[0], means=(Meaning.OTHER_STRENGTH,), evidence=(scale,), changes=())
    assert items(replace(failing, findings=(wrong,)))[0] == (
        "Load these files at strength 0.25: they were trained at that scale."
    )
    assert "Load these files" not in items(replace(failing, findings=(wrong,), checkpoints=()))[0]


def test_of_a_run_that_never_was_sound_nothing_is_kept(failing: Report) -> None:
    keep = Keep((), (), (), (), "every save is from after the first NaN, at step 1")
    found = items(replace(failing, evolution=Evolution(None, (), (), keep)))
    assert found[0] == (
        "Use no checkpoint of this run and start again from nothing: every save is from after the first NaN, at step 1."
    )


def test_doubtful_changes_carry_what_is_known_against_them(failing: Report) -> None:
    ceiling = replace(failing.next.changes[1], applicability=Applicability.REVIEW)
    caveats = (Caveat("a-remedy", "it acts more strongly", (ceiling.path,)), Caveat("b", "no matter", ("other.key",)))
    found = items(replace(failing, next=replace(failing.next, changes=(ceiling,), caveats=caveats)))
    assert found[-2].endswith("`1e-4` (new). it acts more strongly.")


def test_the_next_config_says_whose_run_it_is(failing: Report) -> None:
    name = replace(failing.next.changes[0], setting="job.name", old="wave", new="wave_next", because="old files stay")
    plan = replace(failing.next, changes=(*failing.next.changes, name))
    assert items(replace(failing, next=plan))[2].endswith("; `high_noise_lr_bump` `wave` → `wave_next`.")
    plan = replace(failing.next, goes_on_from=800)
    assert "the trainer continues from the save of step 800" in items(replace(failing, next=plan))[2]


def test_the_command_has_no_more_than_it_needs(failing: Report) -> None:
    run = replace(failing.run, intent_evidence=("inferred: from the clips",))
    assert "`diagnose next runs/run-v15 -o next.yaml`" in items(replace(failing, run=run))[2]
    plan = replace(failing.next, strategy="conservative")
    assert "--strategy conservative -o next.yaml" in items(replace(failing, next=plan))[2]


def test_what_broke_the_run_comes_before_what_it_left(failing: Report) -> None:
    advised = Change("", ChangeOp.ADVISE, None, None, "free the disk", (), Applicability.MANUAL, ("disk-full",))
    broken = replace(failing.findings[0], severity=Severity.BLOCKER, changes=(advised,))
    blocked = replace(failing, findings=(broken,), verdict=Verdict(Status.BLOCKED, "The disk was full"))
    assert items(blocked)[0] == "Free the disk."
    assert items(replace(blocked, verdict=failing.verdict))[0].startswith("Render ")
