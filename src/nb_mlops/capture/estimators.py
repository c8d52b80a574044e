"""Which estimator a registration means when none is named: the one final, fitted one that the notebook just bound.

"The last fit seen" is not it: cross-validation, plots and searches fit things too. The rule, in this order:

1. Candidates are the top-level names bound since the last registration, or fitted again since, that hold a fitted
   estimator with `predict` or `transform`. Names that hold the same object count once.
2. What is part of another candidate (a step of a pipeline, the model inside a search) is not final.
3. A predictor beside mere transformers (a scaler, a PCA) is the model; they are told in `Found.beside`.
4. One is left: that is the model. Several, or one among other fitted models of a dict or list, is a question back:
   `Ambiguous`, with a ready `--model` line for each. So is a model that only a container or an attribute holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nb_mlops.capture.fitted import has, is_estimator, is_fitted, is_search_without_model, parts
from nb_mlops.capture.naming import element, look_up
from nb_mlops.core.errors import Ambiguous, BadInput

if TYPE_CHECKING:
    from nb_mlops.capture.fits import Fit, FitWatch

_SHELL_NAMES = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
_MOST_LINES = 20
_MOST_ELEMENTS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The estimator to register, the name it goes by, and what its fit was given (None where no fit was seen).

    `beside` names the transformers that were fitted on the way and are not part of it.
    """

    name: str
    estimator: Any
    fit: Fit | None
    beside: tuple[str, ...] = ()


def find_estimator(
    namespace: Mapping[str, object],
    bound_since: Collection[str] | None,
    watch: FitWatch | None,
    expression: str | None = None,
    *,
    loop_names: Collection[str] | None = None,
) -> Found:
    """The estimator that `expression` names, or that is meant without one.

    `bound_since` are the names to look at (None: all). `loop_names` are the variables of `for` statements (see
    `naming.loop_names`): they stand for no choice. Where they are not known (None), a name that holds one of several
    fitted models of a container is taken for one. Raises Ambiguous or BadInput with ready `--model` lines, and NotFound
    where `expression` names what is not there.
    """
    if expression is not None:
        return _named(expression, namespace, watch)
    looked_at = {
        name: value
        for name, value in namespace.items()
        if _is_users(name) and (bound_since is None or name in bound_since)
    }
    named = _once(((name, value) for name, value in looked_at.items()), watch)
    held = _once(
        ((path, value) for name, holder in looked_at.items() for path, value in _elements(name, holder)), watch
    )
    final = _predictors_first(_final([*named, *held]))
    choices = [found for found in final if _is_choice(found, named, held, loop_names)]
    if len(choices) == 1:
        beside = [found.name for found in _final(named) if found.estimator is not choices[0].estimator]
        return Found(choices[0].name, choices[0].estimator, choices[0].fit, tuple(beside))
    if final:
        raise _question(_as_elements(final, held))
    raise _nothing(looked_at, namespace, watch)


def snapshot(namespace: Mapping[str, object], watch: FitWatch | None = None) -> dict[str, int]:
    """What each of the user's names holds now, and its last fit, as a number; keep it until `bound_since`."""
    seen = watch if watch is not None else _running_watch()
    return {name: _mark(value, seen) for name, value in namespace.items() if _is_users(name)}


def bound_since(
    namespace: Mapping[str, object], before: Mapping[str, int], watch: FitWatch | None = None
) -> frozenset[str]:
    """The names that were bound since the snapshot, or whose estimator was fitted again."""
    now = snapshot(namespace, watch)
    return frozenset(name for name, mark in now.items() if before.get(name) != mark)


def _named(expression: str, namespace: Mapping[str, object], watch: FitWatch | None) -> Found:
    """The named object; functions and native models pass, the format decides about them."""
    estimator = look_up(expression, namespace)
    name = expression.strip()
    if isinstance(estimator, type):
        raise BadInput(f"{name} is the class {estimator.__name__}, not a fitted estimator.", "Name what it made.")
    fit = watch.fit_of(estimator) if watch is not None else None
    if hasattr(type(estimator), "get_params") and not is_fitted(estimator, fit):
        raise _unfitted(name, estimator)
    return Found(name, estimator, fit)


def _once(values: Iterator[tuple[str, object]], watch: FitWatch | None) -> list[Found]:
    """The fitted estimators among the values, each once, by its first name."""
    found: dict[int, Found] = {}
    for name, value in values:
        if id(value) not in found and is_estimator(value):
            fit = watch.fit_of(value) if watch is not None else None
            if is_fitted(value, fit):
                found[id(value)] = Found(name, value, fit)
    return list(found.values())


def _elements(name: str, holder: object) -> Iterator[tuple[str, object]]:
    """The values of a plain dict, list or tuple, one level deep, by the names they can be typed as."""
    pairs: list[tuple[Any, object]] = []
    if isinstance(holder, dict):
        pairs = list(holder.items())[:_MOST_ELEMENTS]
    elif isinstance(holder, list | tuple):
        pairs = list(enumerate(holder[:_MOST_ELEMENTS]))
    for key, value in pairs:
        if type(key) in (str, int):
            yield element(name, key), value


def _final(found: list[Found]) -> list[Found]:
    """Those that are not inside another; an object with a name and a place in a container goes by its name."""
    distinct = {id(one.estimator): one for one in reversed(found)}
    inside: set[int] = set()
    for one in distinct.values():
        inside |= {id(part) for part in parts(one.estimator)}
    return [one for key, one in reversed(distinct.items()) if key not in inside]


def _predictors_first(found: list[Found]) -> list[Found]:
    predictors = [one for one in found if has(one.estimator, "predict")]
    return predictors or found


def _is_choice(one: Found, named: list[Found], held: list[Found], loop_names: Collection[str] | None) -> bool:
    """Whether a top-level name says that this one is meant; a loop's variable does not."""
    if not any(other.estimator is one.estimator for other in named):
        return False
    if loop_names is not None and one.name in loop_names:
        return False
    siblings = [other for other in held if has(other.estimator, "predict") == has(one.estimator, "predict")]
    is_element = any(other.estimator is one.estimator for other in siblings)
    return loop_names is not None or not is_element or len(siblings) == 1


def _as_elements(final: list[Found], held: list[Found]) -> list[Found]:
    """For a question about a container's models: its elements by their place, rather than by a loop's variable."""
    places = {id(one.estimator): one for one in held} if len(held) > 1 else {}
    return [places.get(id(one.estimator), one) for one in final]


def _question(final: list[Found]) -> Ambiguous:
    if len(final) == 1:
        kind = type(final[0].estimator).__name__
        message = f"No variable of its own holds the fitted {kind}; it was found as {final[0].name}."
        return Ambiguous(message, f"If it is meant:\n{_lines(final)}", final)
    return Ambiguous(f"{len(final)} fitted estimators could be meant.", f"Say which:\n{_lines(final)}", final)


def _lines(found: list[Found]) -> str:
    """One ready line each, in the magics' own syntax."""
    width = max(len(one.name) for one in found[:_MOST_LINES])
    lines = [f"  --model {one.name:<{width}}  # {_described(one)}" for one in found[:_MOST_LINES]]
    if len(found) > _MOST_LINES:
        lines.append(f"  # … and {len(found) - _MOST_LINES} more")
    return "\n".join(lines)


def _described(one: Found) -> str:
    words = type(one.estimator).__name__
    if one.fit is not None:
        words += f", fitted {one.fit.at:%H:%M:%S} UTC"
        if one.fit.columns_at_fit is not None:
            words += f" on {len(one.fit.columns_at_fit)} columns"
    return words


def _nothing(looked_at: Mapping[str, object], namespace: Mapping[str, object], watch: FitWatch | None) -> BadInput:
    """Why nothing was found: held by an attribute, bound earlier, not fitted, or simply not there."""
    held = _final(
        _once(((path, value) for name, holder in looked_at.items() for path, value in _held(name, holder)), watch)
    )
    if held:
        return _question(_predictors_first(held))
    earlier = _final(_once(((name, value) for name, value in namespace.items() if _is_users(name)), watch))
    if earlier:
        message = "No estimator was bound or fitted since the last registration."
        return BadInput(message, f"To register an earlier one:\n{_lines(_predictors_first(earlier))}")
    unfitted = [name for name, value in looked_at.items() if is_estimator(value) or is_search_without_model(value)]
    if unfitted:
        return _unfitted(unfitted[0], looked_at[unfitted[0]])
    return BadInput("No fitted estimator was found among the notebook's variables.", "Name one: --model NAME.")


def _unfitted(name: str, value: object) -> BadInput:
    kind = type(value).__name__
    if is_search_without_model(value):
        return BadInput(f"{name} ({kind}) has no model: it ran with refit=False.", "Fit one with its best_params_.")
    return BadInput(f"{name} ({kind}) is not fitted.", "Fit it, then register it.")


def _held(name: str, holder: object) -> Iterator[tuple[str, object]]:
    """The public attributes of a plain result object; nothing is called to see them."""
    attributes = getattr(holder, "__dict__", None)
    if isinstance(holder, type) or not isinstance(attributes, dict) or type(holder).__module__ == "builtins":
        return
    for key, value in list(attributes.items())[:_MOST_ELEMENTS]:
        if isinstance(key, str) and key.isidentifier() and not key.startswith("_"):
            yield f"{name}.{key}", value


def _mark(value: object, watch: FitWatch | None) -> int:
    """A number that changes when the name is bound to something else, and when what it holds is fitted again."""
    held = [_fitted_mark(inner, watch) for _, inner in _elements("", value)]
    return hash((_fitted_mark(value, watch), tuple(held)))


def _fitted_mark(value: object, watch: FitWatch | None) -> tuple[int, int]:
    fit = watch.fit_of(value) if watch is not None else None
    return id(value), fit.serial if fit is not None else 0


def _running_watch() -> FitWatch | None:
    from nb_mlops.capture.fits import running

    return running()


def _is_users(name: str) -> bool:
    return not name.startswith("_") and name not in _SHELL_NAMES
