"""Read the data sets a config would train on: list, decode, captions. A data set that is not here costs a remark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from diagnose.core.errors import DiagnoseError
from diagnose.core.model import Place, Remark
from diagnose.sources.dataset.listing import Listing, list_media, read_caption
from diagnose.sources.dataset.locate import AS_WRITTEN, locate_as_written, locate_given
from diagnose.sources.dataset.media import DatasetReading, DatasetSpec, Item, MediaFile, MediaKind
from diagnose.sources.dataset.size_file import has_foreign_sizes
from diagnose.sources.video.frames import Job, Pictures, Unread
from diagnose.sources.video.workers import decode_all


def read_datasets(
    specs: Sequence[DatasetSpec], given: Path | None = None, *, origin: str = "--dataset", as_written: bool = True
) -> tuple[tuple[DatasetReading, ...], tuple[Remark, ...]]:
    """Return the data sets of a config that lie on this machine, and remarks on those that do not.

    Args:
        specs: the config's data sets.
        given: the folder the user named for the data set, or for several by their names.
        origin: how the user named it, for the report.
        as_written: without `given`, look where the config says.

    Raises:
        DiagnoseError: `given` cannot be used.
    """
    if given is not None:
        located = locate_given(specs, given, origin)
    else:
        located = locate_as_written(specs) if as_written else ()
    readings: list[DatasetReading] = []
    remarks: list[Remark] = []
    read: dict[tuple[Path, str, int | None, float | None], DatasetReading] = {}
    for each in located:
        if each.folder is None:
            # a config written for another machine is no news unless the user pointed to the data set
            remarks += [Remark(each.spec.place, each.how)] if given is not None else []
            continue
        try:
            # one folder may serve several entries, and is decoded once
            key = (each.folder, each.spec.caption_ext, each.spec.taken, each.spec.fps)
            if key not in read:
                read[key] = _read(each.spec, each.folder, each.how)
            readings.append(replace(read[key], subject=each.spec.subject))
        except DiagnoseError as error:
            if given is not None and each.how != AS_WRITTEN:
                raise
            remarks.append(Remark(each.spec.place, str(error)))
    return tuple(readings), tuple(remarks)


def _read(spec: DatasetSpec, folder: Path, how: str) -> DatasetReading:
    listing = list_media(folder)
    media = listing.media
    looked_at = [each for each in media if not each.hidden]
    pictures = dict(zip(looked_at, decode_all([_job(each, spec) for each in looked_at]), strict=True))
    items = tuple(Item(each, read_caption(each, spec.caption_ext), pictures.get(each)) for each in media)
    return DatasetReading(
        subject=spec.subject,
        folder=folder,
        how=how,
        items=items,
        complete=listing.complete,
        foreign_sizes=has_foreign_sizes(folder),
        remarks=tuple(_remarks(listing, pictures, folder)),
    )


def _job(media: MediaFile, spec: DatasetSpec) -> Job:
    return Job(media.path, media.kind is MediaKind.STILL, spec.taken, spec.fps)


def _remarks(listing: Listing, pictures: dict[MediaFile, Pictures | Unread], folder: Path) -> Iterable[Remark]:
    hidden = [each for each in listing.media if each.hidden]
    if hidden:
        text = f"a hidden file ({len(hidden)} in all): upstream skips such files, the fork tries to train on them"
        yield Remark(Place(hidden[0].file), text)
    if not listing.complete:
        yield Remark(
            Place(folder.as_posix()), f"only the first {len(listing.media)} files were listed, for their number"
        )
    reasons: dict[str, list[MediaFile]] = {}
    for media, found in pictures.items():
        if isinstance(found, Unread) and not found.damage:
            reasons.setdefault(found.reason, []).append(media)
        elif isinstance(found, Pictures) and not found.whole:
            reasons.setdefault(f"only the first {found.decoded} frames were looked at", []).append(media)
    for reason, files in reasons.items():
        more = f" (and {len(files) - 1} more)" if len(files) > 1 else ""
        yield Remark(Place(files[0].file), f"{reason}{more}")
