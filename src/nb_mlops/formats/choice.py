"""Which format fits an object: the built-in ones first, then those that plug-ins announce."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import cast

from nb_mlops.core.errors import BadInput, NotFound, Unsupported, near
from nb_mlops.formats.format import ENTRY_POINTS, Format

# In the order they are asked. joblib takes anything that pickles, so it is never chosen unasked.
_BUILT_IN = {
    "onnx": "onnx_model:Onnx",
    "function": "function:Function",
    "xgboost": "boosters:XGBoost",
    "lightgbm": "boosters:LightGBM",
    "catboost": "boosters:CatBoost",
    "skops": "skops_model:Skops",
    "joblib": "joblib_model:Joblib",
}
_WAYS = (
    "Two ways work: export it to ONNX and register the .onnx file, or register a function (format 'function') that "
    f"loads its weights from files=. A package can also add a format by the entry point group {ENTRY_POINTS!r}."
)
_NEURAL = {"torch": "PyTorch", "keras": "Keras", "tensorflow": "TensorFlow", "jax": "JAX", "flax": "Flax"}


def formats() -> Mapping[str, Format]:
    """All formats by name, plug-ins included."""
    known = {name: _built_in(name) for name in _BUILT_IN}
    return MappingProxyType({**_plug_ins(), **known})


def choose(estimator: object, format: str | None = None) -> Format:
    """The format of this name, or the first one that fits the object.

    Raises NotFound for an unknown name, Unsupported, with the ways that work, where none fits.
    """
    if format is not None:
        return named(format)
    for candidate in _candidates():
        if candidate.fits(estimator):
            return candidate
    raise Unsupported(_no_format(estimator), _WAYS)


def named(name: str) -> Format:
    """The format of this name; raises NotFound with near names. Plug-ins are looked for only when it isn't built in."""
    if name in _BUILT_IN:
        return _built_in(name)
    found = _plug_ins().get(name)
    if found is None:
        known = [*_BUILT_IN, *_plug_ins()]
        hint = near(str(name), known) or f"There are: {', '.join(known)}."
        raise NotFound(f"There is no format {ascii(name)[:60]}.", f"{hint} Is the plug-in that adds it installed?")
    return found


def pickle_like(format: str) -> bool:
    """Whether reading this format can run code from the file (joblib does). Policy `high` refuses these."""
    return named(format).pickle_like


def _candidates() -> Iterator[Format]:
    for name in _BUILT_IN:
        if name != "joblib":
            yield _built_in(name)
    yield from _plug_ins().values()


@cache
def _built_in(name: str) -> Format:
    module, _, cls = _BUILT_IN[name].partition(":")
    return cast("Format", getattr(import_module(f"nb_mlops.formats.{module}"), cls)())


@cache
def _plug_ins() -> dict[str, Format]:
    """Formats announced by other packages. A built-in name can't be taken over, or a package could lower trust."""
    found: dict[str, Format] = {}
    for point in entry_points(group=ENTRY_POINTS):
        if point.name in _BUILT_IN or point.name in found:
            raise BadInput(
                f"The plug-in {point.value!r} wants the format name {point.name!r}, which is taken.",
                "Uninstall it, or ask its makers to choose another name.",
            )
        loaded = point.load()
        found[point.name] = loaded() if isinstance(loaded, type) else loaded
    return found


def _no_format(estimator: object) -> str:
    cls = type(estimator)
    for base in cls.__mro__:
        family = _NEURAL.get(base.__module__.partition(".")[0])
        if family:
            return f"A {family} model ({cls.__qualname__}) has no format of its own here."
    return f"A {cls.__module__}.{cls.__qualname__} is no estimator, booster, ONNX model or function that can be stored."
