"""Every fact of a run at once."""

from builders import DECLARATIONS, TARGETS, TRAINERS, readings
from measured import measurement
from run_evidence import YARDSTICK

from diagnose.domains.wan22.experts import Expert
from diagnose.facts.collect import collect
from diagnose.facts.premises import Asked
from diagnose.weights.measurement import FileMeasurement, RunWeights


def measured(file: str, step: int | None) -> FileMeasurement:
    return FileMeasurement(file, step, (measurement(Expert.HIGH, 0.005),), 0.1, cached=False)


def test_a_file_without_a_step_is_left_out_aloud() -> None:
    files = (measured("job_000000100_high_noise.safetensors", 100), measured("mine_high_noise.safetensors", None))
    asked = Asked(TARGETS, YARDSTICK)
    known = collect(readings(), RunWeights(files[1:]), declarations=DECLARATIONS, trainers=TRAINERS, asked=asked)
    assert not known.evidence.pairs
    assert [remark.place.file for remark in known.unmeasured] == ["mine_high_noise.safetensors"]
    assert "at which step" in known.unmeasured[0].text
    named = collect(readings(), RunWeights(files[:1]), declarations=DECLARATIONS, trainers=TRAINERS, asked=asked)
    assert [pair.step for pair in named.evidence.pairs] == [100]
    assert not named.unmeasured
