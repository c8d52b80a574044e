"""`policy` shows what is asked; `check_policy` and `diff_policy` read a file; `apply_policy` puts it in force."""

from __future__ import annotations

import os
from pathlib import Path

from nb_mlops.actions.connect import current
from nb_mlops.actions.policy_names import policy_notes, refuse_unknown_names
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput, NotFound
from nb_mlops.core.policy import Policy
from nb_mlops.core.policy.change import PolicyChange, PolicyText
from nb_mlops.core.policy.file import MAX_BYTES, read_policy
from nb_mlops.core.policy.order import looser
from nb_mlops.core.rows import PolicyRow, PolicyWishRow
from nb_mlops.core.rules.policy import refuse_unknown_data
from nb_mlops.core.spelling import spelled


def policy(*, registry: Registry | str | None = None) -> PolicyText:
    """The policy in force, as the file that says it."""
    place = current(registry)
    row = place.catalog.last(PolicyRow)
    since = f"applied {row.at:%Y-%m-%d} by {place.find_name(row.actor)}" if row else ""
    return PolicyText(named(place, place.catalog.policy()), place.address, since)


def check_policy(file: str | os.PathLike[str], *, registry: Registry | str | None = None) -> PolicyText:
    """The policy that a TOML file says, whole; raises BadInput with the place and a way out.

    Named data is looked up in the registry; `notes` say what is allowed and should be known.
    """
    place = current(registry)
    wanted = _read(file)
    refuse_unknown_data(place.catalog, wanted)
    return PolicyText(wanted, os.fspath(file), "not applied", is_file=True, notes=policy_notes(place, wanted))


def diff_policy(file: str | os.PathLike[str], *, registry: Registry | str | None = None) -> PolicyChange:
    """Where the policy of a file asks more or less than the one in force; nothing is changed."""
    place = current(registry)
    wanted = _as_known(place, _read(file))
    return PolicyChange.between(
        named(place, place.catalog.policy()), wanted, "not applied", policy_notes(place, wanted)
    )


def apply_policy(
    file: str | os.PathLike[str], *, reason: str = "", registry: Registry | str | None = None
) -> PolicyChange:
    """Puts the policy of a file in force, and tells what changes.

    What asks for more is applied at once. What asks for less at a level where something was decided takes as many
    others as that level takes approvals: each applies the same file, and the last one puts it in force. Raises
    BadInput for a change that asks less, or changes what high stakes ask, without a reason in words.
    """
    place = current(registry)
    wanted = _as_known(place, _read(file))
    before = named(place, place.catalog.policy())
    _refuse_without_reason(before, wanted, reason)
    notes = policy_notes(place, wanted)
    roles = {str(number): name for number, name in enumerate(wanted.identities())}
    numbered = wanted.renamed({name: number for number, name in roles.items()})
    event = place.append("policy_applied", None, {"policy": numbered.to_dict()}, texts={"reason": reason}, people=roles)
    if event.kind == "policy_applied":
        state = "applied" if before.digest != wanted.digest else "in force already"
        return PolicyChange.between(before, wanted, state, notes)
    needed = event.body["needed"]
    wishes = place.catalog.find(PolicyWishRow, digest=event.body["digest"])
    others = len({row.actor for row in wishes}) - 1
    runs = spelled("%mlops policy apply with the same file")
    note = f"{others} of {needed} others agree: another person runs {runs}"
    return PolicyChange.between(before, wanted, "asked for", (note, *notes))


def named(registry: Registry, policy: Policy) -> Policy:
    """The policy with the names of people in place of opaque ids; an erased one keeps its id."""
    return policy.renamed(registry.catalog.names(policy.identities()))


def _as_known(registry: Registry, policy: Policy) -> Policy:
    """The policy with each name as the registry spells it: another spelling is no change."""
    ids = {name: registry.catalog.find_actor(name) for name in policy.identities()}
    names = registry.catalog.names(one for one in ids.values() if one)
    return policy.renamed({name: names[one] for name, one in ids.items() if one in names})


def _refuse_without_reason(before: Policy, wanted: Policy, reason: str) -> None:
    """Raises BadInput where nobody could tell later why less is asked, or why high stakes ask something else."""
    less = looser(before, wanted)
    if reason.strip() or not (less or any(one.stakes == "high" for one in looser(wanted, before))):
        return
    what = f"asks less ({less[0].where})" if less else "changes what high stakes ask"
    raise BadInput(f"This policy {what}: that takes a reason in words.", 'Add it: -m "agreed in the model board"')


def _read(file: str | os.PathLike[str]) -> Policy:
    path = Path(os.fspath(file)).expanduser()
    if not path.is_file():
        raise NotFound(f"There is no file {str(path)[:200]!r}.", "In a terminal: nb-mlops policy show > policy.toml")
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(f"{path} is too long for a policy.", f"It has at most {MAX_BYTES:,} bytes.")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not text in UTF-8.", "A policy is a TOML file.") from None
    found = read_policy(text)
    refuse_unknown_names(found)
    return found
