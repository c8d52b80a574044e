"""How the next step is spelled: hints are written once, as a notebook has them, and a terminal has its own words.

`%promote churn@3 --to production` is `nb-mlops promote churn@3 --to production` on a shell. A hint goes through
`spelled` where a person reads it; the command line says `spell_with(on_a_shell)` once, a notebook says nothing.
Only what this project writes itself is spelled anew, never what somebody typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Speller = Callable[[str], str]

# What a shell cannot take as a notebook writes it: a table is a file there, and a cell has no body.
_DIFFERENT: tuple[tuple[str, str], ...] = (
    (r"%%validate (\S+) --data X_test,y_test", r'nb-mlops validate \1 --data test.parquet --target COLUMN --check "…"'),
    (r"%%card (\S+) --section (\w+)", r'nb-mlops card \1 --section \2 --text "…"'),
    (r"%%register … --data X,y", "nb-mlops register … --data train.parquet --target COLUMN"),
    (r"%drift (\S+) new_data", r"nb-mlops drift \1 new_data.parquet"),
    (r"%mlops data add (\S+) X_test,y_test", r"nb-mlops data add \1 test.parquet --target COLUMN"),
    (r"%mlops connect (\S+)", r"nb-mlops --registry \1 …"),
    (r'nb_mlops\.note\("(\S+)", "…"\)', r'nb-mlops note \1 -m "…"'),
    (r"Give at least one line: (.+)", r'Give at least one: --check "\1"'),
    (r"no: %load_ext nb_mlops starts it", "no: this is not a notebook"),
)
# What has the same words after it in both places. A house test holds both lists against the commands there are.
COMMANDS = (
    *("approve", "audit", "card", "compare", "drift", "gate", "lineage", "models", "promote", "register", "reject"),
    *("request", "rollback", "validate", "versions"),
    *("mlops alias", "mlops checkpoint", "mlops data", "mlops doctor", "mlops dossier", "mlops finding"),
    *("mlops outbox", "mlops pending", "mlops policy", "mlops retire", "mlops review", "mlops stakes", "mlops status"),
    "mlops trust-project",
)
_SAME = re.compile(rf"(?<![\w%])%%?(?:mlops )?({'|'.join(name.removeprefix('mlops ') for name in COMMANDS)})(?![\w-])")
_speller: list[Speller] = []


def spell_with(speller: Speller) -> Callable[[], None]:
    """Makes `speller` the one by which this process spells its hints; gives what ends that."""
    _speller[:] = [speller]
    return _speller.clear


def is_respelled() -> bool:
    """Whether a face with words of its own runs here: a terminal's."""
    return bool(_speller)


def spelled(hint: str) -> str:
    """A hint of ours in the words of the face that shows it."""
    return _speller[0](hint) if _speller else hint


def on_a_shell(hint: str) -> str:
    """A hint in the words of a terminal.

    >>> on_a_shell("See %gate churn@1, then %mlops outbox push.")
    'See nb-mlops gate churn@1, then nb-mlops outbox push.'
    >>> on_a_shell('Watch it: %drift churn@production new_data --record')
    'Watch it: nb-mlops drift churn@production new_data.parquet --record'
    """
    for notebook, shell in _DIFFERENT:
        hint = re.sub(notebook, shell, hint)
    return _SAME.sub(r"nb-mlops \1", hint)
