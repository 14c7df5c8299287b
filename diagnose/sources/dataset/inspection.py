"""Read the data sets that a config trains on: where each lies on this machine, its files, their pictures and captions.

In the folder the user gave, or where the config says. A config is often written for another machine: a folder that is
not here is no fault of the config, and costs a remark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TypeAlias

from msgspec.structs import replace

from diagnose.core.errors import DiagnoseError
from diagnose.core.paths import is_folder, status_of
from diagnose.core.values import Place, Remark
from diagnose.sources.dataset.listing import (
    DatasetReading,
    DatasetSpec,
    FolderHabits,
    Item,
    Listing,
    MediaFile,
    MediaKind,
    list_media,
    read_caption,
)
from diagnose.sources.video.frames import Job, Pictures, Unread


def read_datasets(
    specs: Sequence[DatasetSpec],
    given: Path | None = None,
    *,
    origin: str = "--dataset",
) -> tuple[tuple[DatasetReading, ...], tuple[Remark, ...]]:
    """Return the data sets of a config that lie on this machine, and remarks on those that do not.

    Args:
        specs: the config's data sets.
        given: the folder the user named for the data set, or for several by their names; without it they are looked
            for where the config says.
        origin: how the user named it, for the report.

    Raises:
        DiagnoseError: `given` cannot be used.
    """
    located = tuple(map(as_written, specs)) if given is None else locate_given(specs, given, origin)
    readings: list[DatasetReading] = []
    remarks: list[Remark] = []
    read: dict[tuple[Path, str, int | None, float | None], DatasetReading] = {}
    for spec, (folder, how) in zip(specs, located, strict=True):
        if folder is None:
            # a config written for another machine is no news unless the user pointed to the data set
            remarks += [Remark(spec.place, how)] if given is not None else []
            continue
        try:
            # one folder may serve several entries, and is decoded once
            key = (folder, spec.caption_ext, spec.taken, spec.fps)
            if key not in read:
                read[key] = _read(spec, folder, how)
            readings.append(replace(read[key], subject=spec.subject))
        except DiagnoseError as error:
            if given is not None and how != AS_WRITTEN:
                raise
            remarks.append(Remark(spec.place, str(error)))
    return tuple(readings), tuple(remarks)


def _read(spec: DatasetSpec, folder: Path, how: str) -> DatasetReading:
    from diagnose.sources.video.workers import decode_all  # noqa: PLC0415 - most configs' clips lie elsewhere

    listing = list_media(folder)
    media = listing.media
    looked_at = [each for each in media if not each.hidden]
    jobs = [Job(each.path, each.kind is MediaKind.STILL, spec.taken, spec.fps) for each in looked_at]
    pictures = dict(zip(looked_at, decode_all(jobs), strict=True))
    items = tuple(Item(each, read_caption(each, spec.caption_ext), pictures.get(each)) for each in media)
    return DatasetReading(
        subject=spec.subject,
        folder=folder,
        how=how,
        items=items,
        complete=listing.complete,
        foreign_sizes=spec.habits.foreign_sizes(folder),
        remarks=tuple(_remarks(listing, pictures, folder, spec.habits)),
    )


def _remarks(
    listing: Listing, pictures: dict[MediaFile, Pictures | Unread], folder: Path, habits: FolderHabits
) -> Iterable[Remark]:
    hidden = [each for each in listing.media if each.hidden]
    if hidden:
        yield Remark(Place(hidden[0].file), f"a hidden file ({len(hidden)} in all): {habits.hidden}")
    if not listing.complete:
        text = f"only the first {len(listing.media)} files were listed, for their number"
        yield Remark(Place(folder.as_posix()), text)
    reasons: dict[str, list[MediaFile]] = {}
    for media, found in pictures.items():
        if isinstance(found, Unread) and not found.damage:
            reasons.setdefault(found.reason, []).append(media)
        elif isinstance(found, Pictures) and not found.whole:
            reasons.setdefault(f"only the first {found.decoded} frames were looked at", []).append(media)
    for reason, files in reasons.items():
        more = f" (and {len(files) - 1} more)" if len(files) > 1 else ""
        yield Remark(Place(files[0].file), f"{reason}{more}")


AS_WRITTEN = "where the config says"


Located: TypeAlias = tuple[Path | None, str]
"""The folder of a data set here, None where it is not here; and how it was found, or why not."""


def as_written(spec: DatasetSpec) -> Located:
    """Return the folder that the config names, if it is here; a relative one from the working directory."""
    if spec.folder is None:
        return (None, "the config names no folder")
    try:
        here = is_folder(Path(spec.folder))
    except DiagnoseError:
        here = False
    how = AS_WRITTEN if here else "the folder is not on this machine"
    return (Path(spec.folder) if here else None, how)


def locate_given(specs: Sequence[DatasetSpec], given: Path, origin: str) -> tuple[Located, ...]:
    """Return where the data sets lie if `given` is the data set's folder, or the one that holds several by name.

    Raises:
        DiagnoseError: no such folder, no data set in the config, or several with none of them found below.
    """
    if not is_folder(given):
        fault = "no such folder" if status_of(given) is None else "is not a folder"
        raise DiagnoseError(f"{given}: {fault}; give the folder of the clips and captions ({origin})")
    if not specs:
        raise DiagnoseError(f"{given}: the config has no datasets to read it for; leave {origin} out")
    names = {spec.folder for spec in specs}
    if len(names) == 1:
        return tuple((given, f"given with {origin}") for spec in specs)
    found = tuple(_below(spec, given, origin) for spec in specs)
    if all(folder is None for folder, _ in found):
        wanted = ", ".join(sorted(_last(spec.folder) for spec in specs if spec.folder))
        raise DiagnoseError(f"{given}: the config has several data sets; give the folder that holds {wanted}")
    return found


def _below(spec: DatasetSpec, given: Path, origin: str) -> Located:
    name = _last(spec.folder)
    if name and given.name == name:
        return (given, f"given with {origin}")
    inside = given / name if name and name not in {".", ".."} else None
    if inside is not None and is_folder(inside):
        return (inside, f"in the folder given with {origin}")
    return (None, f"the folder given with {origin} holds none of this name")


def _last(folder: str | None) -> str:
    """Return the last part of a path as written on any system."""
    if folder is None:
        return ""
    return PureWindowsPath(folder).name if "\\" in folder else PurePosixPath(folder).name
