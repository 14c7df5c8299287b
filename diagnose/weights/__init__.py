"""The checkpoint instrument: exact statistics of LoRA tensors, streamed from disk."""
