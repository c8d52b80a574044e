"""Each kind of event in words: what the audit tells. A kind this program does not know is named, not interpreted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nb_mlops.core.held_out import why_not_held_out
from nb_mlops.core.validation import CheckResult


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a sentence sees it: the model's name, the body, and what the version was trained on."""

    name: str
    body: Mapping[str, Any]
    trained_on: Sequence[object] = ()

    def __getitem__(self, key: str) -> Any:
        return self.body[key]

    @property
    def ref(self) -> str:
        """The version it is about, else the model."""
        return f"{self.name}@{self.body['number']}" if self.body.get("number") is not None else self.name

    @property
    def was(self) -> str:
        """What an alias pointed to before, in brackets."""
        return f" (was {self.name}@{self.body['previous']})" if self.body.get("previous") else ""


def tell(name: str, kind: str, body: Mapping[str, Any], trained_on: Sequence[object] = ()) -> str:
    """An event in words; `trained_on` are the fingerprints of the training data of the version it is about.

    >>> tell("churn", "promoted", {"number": 3, "alias": "production", "previous": 2})
    'churn@3 promoted to production (was churn@2)'
    """
    told = Told(name, body, trained_on)
    sentence = _SENTENCES.get(kind)
    return sentence(told) if sentence else f"{told.ref} {kind.replace('_', ' ')}"


def known_kinds() -> frozenset[str]:
    """Every kind of event that this program records."""
    return frozenset(_SENTENCES)


def _described(told: Told) -> str:
    return f"{told.name} described anew" + (f": {told['stakes']} stakes" if "stakes" in told.body else "")


def _validated(told: Told) -> str:
    results = [CheckResult.from_dict(result) for result in told["results"]]
    passed = sum(result.passed and result.is_judged for result in results)
    unjudged = sum(not result.is_judged for result in results)
    counts = f"{passed} of {len(results)}" + (f" passed, {unjudged} could not be judged" if unjudged else "")
    word = "passed" if told["passed"] else "failed"
    claim = ", in CI (claimed)" if told.body.get("claimed_ci") else ""
    why = why_not_held_out(told.body.get("data"), told.body.get("metrics", {}), told.trained_on)
    seen = f"; no evidence, not held out: {why}" if why else ""
    return f"{told.ref} {word} its checks ({counts}, attempt {told['attempt']}{claim}{seen})"


def _voted(verdict: str) -> Callable[[Told], str]:
    return lambda told: f"{told.ref} {verdict} for {told['alias']}"


def _promoted(told: Told) -> str:
    how = "promoted by BROKEN GLASS" if told.body.get("glass") else "promoted"
    return f"{told.ref} {how} to {told['alias']}{told.was}"


def _ticket(told: Told) -> str:
    return f"ticket {told['ticket']}" if told["ticket"] else "no ticket"


def _observed(told: Told) -> str:
    return f"{told.ref} watched on {told.body.get('rows', 0):,} rows: {'ALARM' if told['alarm'] else 'no drift'}"


def _card_edited(told: Told) -> str:
    section = told["section"].replace("_", " ")
    count = told.body.get("signatures")
    after = f", after {count} signature{'' if count == 1 else 's'}" if count else ""
    return f"card of {told.ref}: {section} {'written' if told['filled'] else 'left empty'}{after}"


def _policy(word: str) -> Callable[[Told], str]:
    return lambda told: f"policy {told['digest'][:12]} {word}"


def _plainly(word: str) -> Callable[[Told], str]:
    return lambda told: f"{told.ref} {word}"


def _checkpointed(told: Told) -> str:
    return f"checkpoint of {told['position']:,} events signed by {told['key'][:16]}…"


_SENTENCES: dict[str, Callable[[Told], str]] = {
    "created": lambda told: f"{told.name} created with {told['stakes']} stakes",
    "described": _described,
    "assessed": lambda told: f"{told.name} assessed: the answers suggest {told['suggested']} stakes",
    "lowering_asked": lambda told: f"{told['wanted']} stakes asked for {told.name}: {told['needed']} others must agree",
    "registered": lambda told: f"{told.ref} registered ({told['format']}, {told['digest'][:12]})",
    "tagged": lambda told: f"{told.ref} tagged {', '.join(map(str, told['tags']))}",
    "trusted": lambda told: f"the code of {told.ref} trusted and run",
    "loaded": lambda told: f"{told.ref} loaded by a {told['place'].partition(':')[0]}",
    "validated": _validated,
    "requested": _voted("requested"),
    "approved": _voted("approved"),
    "rejected": _voted("rejected"),
    "promoted": _promoted,
    "rolled_back": lambda told: f"{told['alias']} rolled back to {told.ref}{told.was}",
    "glass_broken": lambda told: f"GLASS BROKEN for {told.ref} → {told['alias']} ({_ticket(told)})",
    "reviewed": lambda told: f"the emergency at {told.ref} reviewed",
    "observed": _observed,
    "finding_opened": lambda told: f"{told['severity']} finding opened on {told.ref}",
    "finding_closed": lambda told: f"finding #{told['finding']} on {told.ref} closed",
    "card_edited": _card_edited,
    "erased": lambda told: f"bytes of {told.ref} removed: {', '.join(map(str, told['parts']))} ({told['why']})",
    "policy_applied": _policy("applied"),
    "policy_proposed": _policy("proposed"),
    "noted": _plainly("noted"),
    "discarded": _plainly("discarded"),
    "retired": _plainly("retired"),
    "model_created": lambda told: f"model {told['name']} made",
    "alias_added": lambda told: f"alias {told['name']} added",
    "checkpointed": _checkpointed,
    "data_named": lambda told: f"{told['rows']:,} rows named {told['name']}",
}
