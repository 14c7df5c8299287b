from __future__ import annotations

from sound_base import base, change, faults_of, file_of, parts, read

__all__ = ["base", "change", "faults_of", "file_of", "parts", "read"]
