"""How people name things: `churn`, `risk/churn@3`, `churn@production`, `churn@latest`.

A `Ref` parses and prints itself. Whether the thing exists is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nb_mlops.core.errors import BadInput

MAX_LENGTH = 100
MAX_NUMBER = 2**31 - 1
_PART = r"[a-z][a-z0-9._-]*"
_NAME = re.compile(rf"{_PART}(?:/{_PART})?")
_ALIAS = re.compile(_PART)
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")

LATEST = "latest"

# Words that `nb-mlops` and `%mlops` already use: a model of this name could not be told from the command.
RESERVED = frozenset(
    "accept alias approve audit browse calibrate card checkpoint ci compare connect copy data demo discard doctor "
    "dossier drift erase export finding gate gc help import inventory labels latest lineage login models monitor note "
    "outbox policy profile promote registry reject reproduce request retire retrain review rollback run runs score "
    "scrub serve server stakes status tag trust-project undo validate verify versions".split()
)


def model_name(text: str) -> str:
    """The name itself when it is a good model name; raises BadInput, which shows a good one."""
    if not isinstance(text, str) or len(text) > MAX_LENGTH or not _NAME.fullmatch(text) or ".." in text:
        raise BadInput(f"{_quoted(text)} is not a model name.", f"{_RULE} Try {_mended(text)!r}.")
    if text in RESERVED:
        raise BadInput(f"{text!r} is a command of nb_mlops, so no model can bear it.", f"Try '{text}-model'.")
    return text


def alias_name(text: str) -> str:
    """The name itself when it is a good alias; raises BadInput."""
    if not isinstance(text, str) or len(text) > MAX_LENGTH or not _ALIAS.fullmatch(text) or ".." in text:
        raise BadInput(f"{_quoted(text)} is not an alias.", "An alias looks like 'production' or 'pre-prod'.")
    if text == LATEST:
        raise BadInput("'latest' is reserved: it always means the newest version.", "Choose another alias.")
    return text


def data_name(text: str) -> str:
    """The name itself when it is a good one for a data set; raises BadInput."""
    if not isinstance(text, str) or len(text) > MAX_LENGTH or not _ALIAS.fullmatch(text) or ".." in text:
        raise BadInput(f"{_quoted(text)} is no name for data.", "Such a name looks like 'holdout-2026q4'.")
    return text


@dataclass(frozen=True, slots=True)
class Ref:
    """A model, or one version of it by number, alias or `latest`.

    >>> str(Ref.parse("risk/churn@3"))
    'risk/churn@3'
    """

    name: str
    selector: int | str | None = None

    @classmethod
    def parse(cls, text: str) -> Ref:
        """The ref that `text` spells; raises BadInput for anything else."""
        if not isinstance(text, str):
            raise BadInput(f"{_quoted(text)} is not a ref.", _REF_RULE)
        name, at, selector = text.partition("@")
        model_name(name)
        if not at:
            return cls(name)
        if _NUMBER.fullmatch(selector) and int(selector) <= MAX_NUMBER:
            return cls(name, int(selector))
        if selector == LATEST or (_ALIAS.fullmatch(selector) and len(selector) <= MAX_LENGTH and ".." not in selector):
            return cls(name, selector)
        raise BadInput(f"{_quoted(text)} is not a ref.", _REF_RULE)

    def __str__(self) -> str:
        return self.name if self.selector is None else f"{self.name}@{self.selector}"

    @property
    def number(self) -> int | None:
        """The version number, where the ref gives one."""
        return self.selector if isinstance(self.selector, int) else None

    @property
    def alias(self) -> str | None:
        """The alias, where the ref gives one; `latest` is not an alias."""
        return self.selector if isinstance(self.selector, str) and self.selector != LATEST else None

    @property
    def is_latest(self) -> bool:
        """Whether the ref means the newest version."""
        return self.selector == LATEST


_RULE = f"Lower-case letters, digits, '-', '_', '.', one optional '/', a letter first, at most {MAX_LENGTH} characters."
_REF_RULE = "A ref looks like 'churn@3', 'churn@production' or 'churn@latest'."


def _quoted(text: object) -> str:
    """Whatever was given, made safe to print: escapes shown, no more than 60 characters."""
    shown = ascii(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _mended(text: object) -> str:
    """A good name near what was given."""
    lowered = text.lower() if isinstance(text, str) else ""
    mended = re.sub(r"[^a-z0-9_-]+", "-", lowered.replace("..", "-")).strip("-_0123456789")
    return f"{mended}-model" if mended in RESERVED else mended[:40] or "churn"
