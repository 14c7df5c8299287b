"""Simulated WAN 2.2 LoRA runs: a real optimizer on made-up gradients, written as the trainers' own files.

    from simulation import simulate, simulate_config, KINDS
    simulate("document", folder, seed=3)                      a kind of run by name (`simulation.kinds`)
    simulate_config(text, folder, seed=3, trainer="ai-toolkit-relaxis")    any config, in a world like that of the reference run

    PYTHONPATH=.:tests:tests/support python -m simulation KIND FOLDER --seed N

What is real: the optimizer (`automagic`, `adamw`), element by element at true layer widths and low rank; turns of the
experts, own steps, pauses in which a file stands still; saves, pruning, log rows, scheduler states; what the trainers
make of a config (`setup`). What is made up: the gradients (`gradients`), whose strength, steadiness and curvature
are calibrated on the reference run (`world`), and the losses. The seed chooses the world and the noise.
"""

from simulation.kinds import FAULTS, KINDS, SOUND, simulate, simulate_config

__all__ = ["FAULTS", "KINDS", "SOUND", "simulate", "simulate_config"]
