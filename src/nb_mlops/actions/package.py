"""Everything a registration stores, made ready: blobs written first, then the body of the event that names them.

    estimator ─┬─> formats.write ──────────> files of the artifact
    data ──────┼─> profile, fingerprint ───> baseline, signature
    session ───┴─> surroundings ───────────> lineage
                                             └──> Package(body, texts, ...)  ──append──> registry, or outbox

A package can be sent twice without harm: it bears the id of the event it will become.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import FunctionType, TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from nb_mlops.actions.baseline import Baseline, summarise
from nb_mlops.actions.content import Content
from nb_mlops.core.canonical import canonical, digest
from nb_mlops.core.errors import NbMlopsError
from nb_mlops.core.lineage import Lineage

if TYPE_CHECKING:
    from nb_mlops.core.dataprint import DataPrint
    from nb_mlops.storage.blobs import Blobs, BlobWriter

EXAMPLE_ROWS = 5
_MAGIC = re.compile(r"\s*(?:[\w, ]+=\s*)?%")


@dataclass(frozen=True, slots=True)
class Package:
    """A registration that is ready to be sent: all bytes it names are in `blobs` already."""

    name: str
    body: Mapping[str, Any]
    texts: Mapping[str, str]
    draft_id: str
    notes: tuple[str, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """The sha256 of every blob it names."""
        parts = [part["sha256"] for part in self.body["files"].values()]
        optional = [self.body.get(key) for key in ("record", "baseline", "examples")]
        return tuple(dict.fromkeys([*parts, *(found for found in optional if found)]))

    def to_dict(self) -> dict[str, Any]:
        """The package as JSON, for the outbox."""
        return {
            "name": self.name,
            "body": dict(self.body),
            "texts": dict(self.texts),
            "draft_id": self.draft_id,
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Package:
        """The package that `to_dict` wrote."""
        return cls(raw["name"], raw["body"], raw["texts"], raw["draft_id"], tuple(raw["notes"]))


def pack(content: Content, blobs: Blobs) -> Package:
    """Writes every part of `content` into `blobs` and gives the package that names them."""
    from nb_mlops.formats import pickle_like, write

    data = see(content)
    parts = _Parts(blobs, content.before)
    fitted, searched = _final(content.estimator)
    written = write(
        fitted,
        cast("Callable[[str], BinaryIO]", parts.open),
        format=content.format,
        local_modules=content.local_modules,
        files=content.files,
    )
    if searched is not None:
        with parts.open("search/cv_results.json") as file:
            file.write(searched)
    lineage = without_author(content.lineage)
    lineage = replace(lineage, data=(data.fingerprint,)) if data.fingerprint else lineage
    record = canonical(
        {
            "estimator": type(content.estimator).__name__,
            "fitted": type(fitted).__name__,
            "signature": _signature(fitted, data.baseline, content),
            "lineage": lineage.to_dict(),
            "requires": list(written.requires),
            "code": written.code,
        }
    )
    small = {
        "record": record,
        "baseline": data.baseline.blob if data.baseline else None,
        "examples": _examples(fitted, content),
    }
    given = {key: data for key, data in small.items() if data is not None}
    named = dict(zip(given, blobs.put_all(list(given.values())), strict=True))
    artifact = digest({name: part["sha256"] for name, part in parts.files.items()})
    trained_on = [data.fingerprint.sha256] if data.fingerprint else []
    body = {
        "digest": artifact,
        "identity": digest(
            [
                artifact,
                trained_on,
                code_digest(lineage),
                dict(content.metrics),
                dict(content.params),
            ]
        ),
        "format": written.format,
        "size_bytes": sum(part["size"] for part in parts.files.values()),
        "files": parts.files,
        "runs_code": written.code or pickle_like(written.format),
        **named,
        "trained_on": trained_on,
        "metrics": dict(content.metrics),
        "params": dict(content.params),
        "tags": dict(content.tags),
        "parent": content.parent,
        "stakes": content.stakes,
        "again": content.again,
    }
    notes = tuple(note for note in (*content.notes, data.problem, *written.warnings) if note)
    git = content.lineage.git
    # A person's address must be erasable, so it is a text of the event and not part of a blob.
    texts = {**content.texts, "author": git.author} if git and git.author else content.texts
    return Package(content.name, body, texts, content.event_id, notes)


def code_digest(lineage: Lineage) -> str | None:
    """What the cells say, magics left out: registering the same fit by another line is still the same code."""
    if lineage.slice is None:
        return None
    cells = [[line for line in cell.source.splitlines() if not _MAGIC.match(line)] for cell in lineage.slice.cells]
    return digest([lines for lines in cells if any(line.strip() for line in lines)])


def without_author(lineage: Lineage) -> Lineage:
    """The lineage without the address of the commit's author."""
    return replace(lineage, git=replace(lineage.git, author=None)) if lineage.git else lineage


class _Parts:
    """Opens files of the artifact as blobs and keeps what they are called."""

    def __init__(self, blobs: Blobs, before: Mapping[str, str]) -> None:
        self._blobs = blobs
        self._before = before
        self.files: dict[str, dict[str, Any]] = {}

    def open(self, name: str) -> _Part:
        return _Part(self._blobs.writer(like=self._before.get(name)), name, self.files)


class _Part:
    """A blob being written that notes its digest under its name when it is done."""

    def __init__(self, writer: BlobWriter, name: str, files: dict[str, dict[str, Any]]) -> None:
        self._writer = writer
        self._name = name
        self._files = files

    def __enter__(self) -> BlobWriter:
        return self._writer.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)
        if error is None:
            self._files[self._name] = {"sha256": self._writer.sha256, "size": self._writer.size}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found out about the training data; `problem` says why something is missing."""

    fingerprint: DataPrint | None = None
    baseline: Baseline | None = None
    problem: str = ""


def see(content: Content) -> _Seen:
    """Fingerprint and summaries of the training data. A table nobody can profile never fails a registration."""
    if content.X is None:
        return _Seen()
    from nb_mlops.capture.data import fingerprint

    try:
        known = fingerprint(content.X, content.y)
    except NbMlopsError as error:
        return _Seen(problem=f"no baseline: {error.message}")
    try:
        return _Seen(known, summarise(content.X, known))
    except NbMlopsError as error:
        return _Seen(known, problem=f"no baseline: {error.message}")


def _final(estimator: object) -> tuple[object, bytes | None]:
    """What is stored: of a fitted search its best estimator, and its table of tries beside it."""
    best = getattr(estimator, "best_estimator_", None)
    results = getattr(estimator, "cv_results_", None)
    if best is None or not isinstance(results, Mapping):
        return estimator, None
    return best, canonical({name: _plain(column) for name, column in results.items() if name != "params"})


def _plain(column: object) -> list[Any]:
    values = column.tolist() if hasattr(column, "tolist") else list(cast("Sequence[Any]", column))
    return [value if isinstance(value, bool | int | float | str | None) else str(value) for value in values]


def _signature(fitted: object, baseline: Baseline | None, content: Content) -> Any:
    if baseline is None:
        return None
    from nb_mlops.core.signature import Signature
    from nb_mlops.evaluation.output import output_of

    return Signature.of(baseline.profile, output=output_of(fitted, content.y)).to_dict()


def _examples(fitted: object, content: Content) -> bytes | None:
    if not content.examples or content.X is None:
        return None
    from nb_mlops.evaluation.examples import take
    from nb_mlops.formats.function import PlainFunction

    if isinstance(fitted, FunctionType):  # it is loaded as something with `predict`, so that is what is asked
        fitted = PlainFunction(fitted, content.files)
    return take(fitted, content.X, rows=EXAMPLE_ROWS)
