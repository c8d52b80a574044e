"""`card` and `edit_card`: a version's model card, written from the registry's own records and by people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nb_mlops.actions.card_sections import SECTIONS as WRITTEN_BY_ITSELF
from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_version
from nb_mlops.actions.on_record import OnRecord, on_record
from nb_mlops.actions.registry import Registry
from nb_mlops.core import card_text
from nb_mlops.core.card import A_PERSON, EMPTY, Card, Section, Written
from nb_mlops.core.errors import BadInput
from nb_mlops.core.version import Version

_LONGEST = 20_000  # characters of one section: what an event takes


def card(ref: str | Version | None = None, *, registry: Registry | str | None = None) -> Card:
    """The card: what the registry knows by itself, what people wrote, and what nobody has (`.missing`)."""
    return card_from(on_record(current(registry), ref))


def edit_card(
    ref: str | Version | None, sections: Mapping[str, str] | str, *, registry: Registry | str | None = None
) -> Card:
    """The card with these sections written anew, each on record with its author; unchanged ones are left as they are.

    `sections` are Markdown texts by section (`limits`, `ethics` …), or one text with a heading for each (`## Limits`).
    An empty text takes a section away. Raises BadInput, before anything is written, for what is no section.
    """
    place = current(registry)
    version = find_version(place, ref, writing=True)
    wanted = _wanted(sections)
    before = on_record(place, version)
    changed = [name for name, text in wanted.items() if text != _text(before, name)]
    for name in changed:
        place.append(
            "card_edited", version.name, {"number": version.number, "section": name}, texts={"text": wanted[name]}
        )
    after = card_from(on_record(place, version.ref))
    said = f"written: {', '.join(changed)}" if changed else "nothing changed"
    hollow = [
        f"{name} says nothing yet: {EMPTY}"
        for name in changed
        if wanted[name] and not card_text.is_filled(wanted[name])
    ]
    return replace(after, notes=(f"{said}, in {place.address}", *hollow))


def card_template(ref: str | Version | None = None, *, registry: Registry | str | None = None) -> str:
    """A text to fill in and hand to `edit_card`: headings, hints, and what people have written so far."""
    known = on_record(current(registry), ref)
    return card_text.template({name: _text(known, name) for name in known.card})


def card_from(known: OnRecord) -> Card:
    """The card of what is known."""
    sections = tuple(_with_text(known, write(known)) for write in WRITTEN_BY_ITSELF)
    missing = tuple(one.person for one in sections if one.person in card_text.PERSON_SECTIONS and one.missing)
    return Card(known.version.ref, sections, tuple(sorted(missing, key=card_text.PERSON_SECTIONS.index)))


def _with_text(known: OnRecord, section: Section) -> Section:
    """The section with what a person wrote, or with the word that nobody has."""
    row = known.card.get(section.person)
    written = None
    if row is not None and row.text is not None:
        written = Written(
            text=known.texts.get(row.text, ""),
            by=known.who(row.actor),
            at=row.at,
            ref=f"{known.version.name}@{row.number}",
            filled=row.filled,
            inherited=row.number != known.version.number,
            erased=row.text not in known.texts,
        )
    filled = bool(written and written.filled) or (section.key == "intended_use" and bool(known.model.purpose))
    if filled or section.person not in card_text.PERSON_SECTIONS:
        return replace(section, written=written)
    return replace(section, written=written, missing=EMPTY if written else A_PERSON)


def _wanted(sections: Mapping[str, str] | str) -> dict[str, str]:
    """The texts by section, as they are kept; all that is wrong with them is raised here."""
    if isinstance(sections, str):
        found = card_text.split_sections(sections)
    else:
        named = [(card_text.section_named(name), text) for name, text in sections.items()]
        found = {name: card_text.clean(name, text) for name, text in named}
        if len(found) < len(named):
            raise BadInput("Two of these names mean the same section.", f"There are {', '.join(card_text.SECTIONS)}.")
    for name, text in found.items():
        if len(text) > _LONGEST:
            raise BadInput(
                f"The section {name} has {len(text):,} characters; {_LONGEST:,} fit.", "Shorten it, or link to it."
            )
    return found


def _text(known: OnRecord, section: str) -> str:
    """What stands in a section now; empty where nothing does, or it was erased."""
    row = known.card.get(section)
    return known.texts.get(row.text or "", "") if row is not None else ""
