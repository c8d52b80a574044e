"""What a person writes into a model card: which sections there are, how a file is split, what counts as written."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping

from nb_mlops.core.errors import BadInput, near

# Sections that only a person can fill, by the name they have in a policy and in `%%card`.
PERSON_SECTIONS = ("intended_use", "limits", "ethics", "oversight")

# Every section that a person may write into; the others are filled by the registry, and may be commented on.
SECTIONS = (*PERSON_SECTIONS, "factors", "training_data", "evaluation_data", "monitoring")

# The heading of a section, and what the template says about it: text of the template is nobody's answer.
HEADINGS = {
    "intended_use": "Intended use",
    "limits": "Limits",
    "ethics": "Ethical considerations",
    "oversight": "Human oversight",
    "factors": "Factors",
    "training_data": "Training data",
    "evaluation_data": "Evaluation data",
    "monitoring": "Monitoring",
}
HINTS = {
    "intended_use": "Who uses it, for which decisions, and what it must not be used for.",
    "limits": "Where it is known to be wrong or was never tried, and what to do there.",
    "ethics": "Whom a wrong answer hurts, what was looked at to see whether it treats groups alike, and what is left.",
    "oversight": "Who can stop it and how, who looks at its answers, and how to contact them.",
    "factors": "Groups, instruments and surroundings over which its answers may differ.",
    "training_data": "Where the data comes from, how it was chosen and labelled, and what it leaves out.",
    "evaluation_data": "Why this data shows how it will do in use.",
    "monitoring": "Who watches it, how often, and what happens at an alarm.",
}
_NAMES = {
    **{title.lower(): section for section, title in HEADINGS.items()},
    **{section.replace("_", " "): section for section in SECTIONS},
    **dict.fromkeys(("limitations", "caveats", "caveats and recommendations", "known limits"), "limits"),
    **dict.fromkeys(("ethics", "ethical consideration", "fairness"), "ethics"),
    **dict.fromkeys(("intended uses", "use", "uses"), "intended_use"),
}
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t](.*))?")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)

# A whole piece (a line, or a sentence) that says nothing; `todo: …` and the like say nothing with what follows, either.
_NOTHING = re.compile(
    r"(?:n\s*/?\s*a|not? (?:yet )?(?:applicable|available|known|specified|defined|written|filled(?: in)?)(?: yet)?"
    r"|none(?: known| yet| so far)?|nil|null|nan|no|yes|ok|okay|done|unknown|undefined|unspecified|pending|empty|blank"
    r"|tb[dacw]|to ?do|fixme|wip|work in progress|draft|coming soon|later|soon|to follow|to come"
    r"|(?:to be|will be|must be|should be) (?:done|defined|determined|filled|filled in|completed|written|added|provided"
    r"|decided|announced|confirmed|described|documented)(?: later| soon| here)?"
    r"|(?:please )?(?:fill|write|complete|describe|insert|add|put|enter|replace|type)(?: (?:me|this|it|in|out|your|some"
    r"|a|the|here|text|section|description|details?|limits|content|something|anything|information|ethics|answer))+"
    r"|lorem ipsum.*|placeholder|sample text|example(?: text)?|test(?:ing)?|text|description|section|content|details"
    r"|foo|bar|baz|(?:foo|bar|baz)(?: (?:foo|bar|baz))+|asdf\w*|qwert\w*|abc|same|see above|see below|ditto|as above"
    r"|as before|same as (?:above|before)|k\.? ?a|entfällt|keine(?: angabe)?|à compléter|a completer|à définir"
    r"|por definir|pendiente|da definire|待定|暂无|未定|なし|нет|(.)\1*)",
    re.IGNORECASE,
)
_OPEN_WORD = re.compile(r"(?:to ?do|fixme|tb[dacw]|xxx+|wip|placeholder)\b(?=\s*[:(\[–—-]|\s*$)", re.IGNORECASE)
_BRACKETED = re.compile(r"<[^<>]*>|\{\{?[^{}]*\}?\}|\[[^\[\]]*\](?![(\[])|_{3,}|\.{3,}|…")


def is_filled(text: str) -> bool:
    """Whether a text says something: placeholders (`n/a`, `todo`, `...`) and the template's own words do not.

    >>> is_filled("TBD."), is_filled("Ranks applications for a call back; never declines one.")
    (False, True)
    """
    return any(_says_something(piece) for piece in _pieces(text))


def section_named(name: str) -> str:
    """The section that a person means by `name`, such as `Human oversight`; raises BadInput with the near one."""
    plain = " ".join(re.sub(r"[^\w\s]", " ", unicodedata.normalize("NFKC", name)).replace("_", " ").lower().split())
    if plain in _NAMES:
        return _NAMES[plain]
    hint = near(plain.replace(" ", "_"), SECTIONS) or f"There are {', '.join(SECTIONS)}."
    raise BadInput(f"A card has no section {name.strip()[:40]!r} that a person writes.", hint)


def split_sections(text: str) -> dict[str, str]:
    """The sections of a text by its `## Limits`-like headings, without the template's hints.

    Deeper headings belong to the section they stand in. Raises BadInput for a heading that names no section, one that
    comes twice, and text that stands under none.
    """
    found: dict[str, list[str]] = {}
    name = ""
    for line, heading in _headed(text):
        if heading is not None and heading[0] <= 2:
            name = section_named(heading[1])
            if name in found:
                raise BadInput(f"The section {name} stands there twice.", "Write it once.")
            found[name] = []
        elif name:
            found[name].append(line)
        elif _COMMENT.sub("", line).strip():
            raise BadInput("This text stands under no heading of a section.", _HOW)
    if not found:
        raise BadInput("There is no section in this text.", _HOW)
    return {section: clean(section, "\n".join(lines)) for section, lines in found.items()}


def clean(section: str, text: str) -> str:
    """A section's text as it is kept: without the template's hint, its headings below those of the card."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n").replace(_hint(section), "")
    lines = []
    for line, heading in _headed(kept):
        deeper = heading is not None and heading[0] < 3
        lines.append(f"### {heading[1]}".rstrip() if deeper and heading is not None else line.rstrip())
    return "\n".join(lines).strip("\n")


def template(written: Mapping[str, str], sections: tuple[str, ...] = PERSON_SECTIONS) -> str:
    """A text to fill in and hand to `%%card`: a heading for each section, its hint, and what is written already."""
    texts = {section: clean(section, text) for section, text in written.items()}
    shown = [section for section in SECTIONS if section in sections or texts.get(section)]
    parts = [f"## {HEADINGS[one]}\n\n{texts.get(one) or _hint(one)}" for one in shown]
    return "\n\n".join(parts) + "\n"


def _hint(section: str) -> str:
    return f"<!-- {HINTS[section]} -->"


def _headed(text: str) -> Iterator[tuple[str, tuple[int, str] | None]]:
    """Each line, with its level and title where it is a heading outside of a block of code."""
    fence = ""
    for line in text.split("\n"):
        opened = _FENCE.match(line)
        if fence:
            fence = "" if opened and line.strip().startswith(fence) and not line.strip().strip(fence[0]) else fence
            yield line, None
            continue
        if opened:
            fence = opened[1]
        found = _HEADING.fullmatch(line) if not opened else None
        yield line, (len(found[1]), _title(found[2] or "")) if found else None


def _title(said: str) -> str:
    """A heading's words, without the signs that may close it."""
    words = said.strip()
    bare = words.rstrip("#")
    return bare.rstrip() if not bare or bare[-1:].isspace() else words


def _pieces(text: str) -> Iterator[str]:
    """Lines and sentences without what is only Markdown: comments, headings, bullets, emphasis, rules."""
    given = unicodedata.normalize("NFKC", html.unescape(text))
    visible = "".join(c for c in given if c == "\n" or unicodedata.category(c)[0] != "C")
    visible = _COMMENT.sub(" ", visible)
    hints = {_plain(hint) for hint in HINTS.values()}
    for line in visible.split("\n"):
        if _HEADING.fullmatch(line):
            continue
        if _plain(line) in hints:
            continue
        bare = re.sub(r"^\s*(?:[-*+>]|\d{1,9}[.)])+(?:\s|$)|\[[ xX]\]", " ", line)
        yield from re.split(r"(?<=[.!?;]) | ?[|] ?", " ".join(bare.split()))


def _says_something(piece: str) -> bool:
    bare = _BRACKETED.sub(" ", piece)
    words = " ".join(re.sub(r"[^\w\s/.-]", " ", bare).replace("_", " ").split()).strip(" .-/")
    if len(re.findall(r"\w", words)) < 3 or _plain(words) in _TEMPLATE_WORDS:
        return False
    return not (_NOTHING.fullmatch(words) or _OPEN_WORD.match(bare.strip(" *_`~>-")))


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", text).lower().split())


_HOW = "Begin each with a heading, like ## Limits, or name one: --section limits"
_TEMPLATE_WORDS = {_plain(piece) for hint in HINTS.values() for piece in re.split(r"(?<=[.!?;])\s+", hint)} | set(
    _NAMES
)
