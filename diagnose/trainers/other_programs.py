"""A config or a console of another program, recognised by the keys or lines that only it has, to name it."""

from __future__ import annotations

import re
from collections.abc import Mapping

SHOWN_KEYS = 3
ENOUGH = 2
"""Keys of one program that must be there; one alone may be a coincidence."""
SEARCHED = 1 << 16
"""Characters looked at; the configs of these programs have a few kB."""

_KEYS_OF = {
    "musubi-tuner": """network_module network_dim network_args discrete_flow_shift timestep_sampling timestep_boundary
        min_timestep max_timestep dit dit_high_noise fp8_scaled max_train_epochs caption_extension video_directory
        cache_directory target_frames frame_extraction source_fps enable_bucket""",
    "diffusion-pipe": """micro_batch_size_per_gpu pipeline_stages activation_checkpointing partition_method
        transformer_path timestep_sample_method min_t max_t save_every_n_epochs eval_every_n_epochs enable_ar_bucket
        num_ar_buckets frame_buckets""",
    "DiffSynth-Studio": """max_timestep_boundary min_timestep_boundary dataset_base_path dataset_metadata_path
        model_id_with_origin_paths lora_base_model lora_target_modules dataset_repeat extra_inputs""",
    "SimpleTuner": """model_family model_flavour data_backend_config lora_rank lora_type validation_prompt
        num_eval_images disable_benchmark tracker_project_name""",
    "OneTrainer": """training_method concept_file_name base_model_name workspace_dir sample_definition_file_name""",
}
PROGRAMS: Mapping[str, frozenset[str]] = {program: frozenset(keys.split()) for program, keys in _KEYS_OF.items()}
"""Keys by program, from their documentation and examples; none of them is a key that ai-toolkit's trainers read.

`caption_extension` is one of its captioner's, whose config trains nothing.
"""

_KEYS = re.compile(r"""--(\w+)|(?:^|[\s{,])["']?(\w+)["']?[ \t]*[=:]""", re.MULTILINE)


_PRINTS = {
    "musubi-tuner": r"\bmusubi_tuner[./\\]|[/\\]musubi-tuner[/\\]|^(?:wan|hv)_\w*(?:train|cache)\w*\.py: error: ",
    "diffusion-pipe": r"[/\\]diffusion-pipe[/\\]",
    "DiffSynth-Studio": r"[/\\]DiffSynth-Studio[/\\]|\bdiffsynth[/\\]",
    "SimpleTuner": r"[/\\](?:SimpleTuner|simpletuner)[/\\]",
    "OneTrainer": r"[/\\]OneTrainer[/\\]",
}
_PRINTED = re.compile("|".join(f"(?P<p{at}>{pattern})" for at, pattern in enumerate(_PRINTS.values())))


def printed_by(line: str) -> str | None:
    """Return the program that alone prints such a line; None where any may."""
    found = _PRINTED.search(line)
    return None if found is None or found.lastgroup is None else list(_PRINTS)[int(found.lastgroup[1:])]


def of_another_program(text: str) -> str | None:
    """Say of which program a text is the config, and what shows it; None where no program stands out.

    YAML, TOML, JSON and command lines alike are searched for `key:`, `key =` and `--key`.
    """
    keys = {first or second for first, second in _KEYS.findall(text[:SEARCHED])}
    found = {program: sorted(keys & own) for program, own in PROGRAMS.items()}
    program, shown = max(found.items(), key=lambda each: len(each[1]))
    if len(shown) < ENOUGH:
        return None
    listed = ", ".join(shown[:SHOWN_KEYS])
    return f"a config of {program} ({listed}), which is not judged here; give the config of an ai-toolkit run"
