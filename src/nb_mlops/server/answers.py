"""One function per route: what was asked, to JSON. Thin: parse, call one action, show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.release import VERSION
from nb_mlops.server.page import Page

if TYPE_CHECKING:
    from nb_mlops.core.shown import Json
    from nb_mlops.server.asked import Asked


def openapi(asked: Asked) -> Json:
    """This interface as an OpenAPI document; opens no registry."""
    from nb_mlops.server.openapi import document
    from nb_mlops.server.routes import ROUTES

    return document(ROUTES, version=VERSION, prefix=asked.prefix)


def status(asked: Asked) -> Json:
    """Which release answers, for which registry, and what governance means there."""
    registry = asked.registry()
    governance = "enforced" if registry.enforced else "advisory"
    return {"version": VERSION, "registry": registry.address, "governance": governance}


def models(asked: Asked) -> Json:
    """A page of models by name."""
    from nb_mlops.actions import look

    page = Page.asked(asked.query, str)
    text = asked.query.get("text") or None
    rows = look.models(text, after=page.after or "", limit=page.limit + 1, registry=asked.registry())
    return page.answer("models", rows, lambda model: model.name)


def pending(asked: Asked) -> Json:
    """What waits for the person who acts on this server."""
    from nb_mlops.actions.pending import pending

    return {"waiting": [one.to_dict() for one in pending(registry=asked.registry())]}


def model(asked: Asked) -> Json:
    """One model."""
    from nb_mlops.actions import look
    from nb_mlops.core.ref import model_name

    return look.model(model_name(asked.path["name"]), registry=asked.registry()).to_dict()


def versions(asked: Asked) -> Json:
    """A page of a model's versions, newest first."""
    from nb_mlops.actions import look
    from nb_mlops.core.ref import model_name

    name, page = model_name(asked.path["name"]), Page.asked(asked.query, int)
    registry = asked.registry()
    found = look.model(name, registry=registry)
    # Numbers are dense, so this many rows from the newest reach one row beyond the page.
    seen = 0 if page.after is None else max(found.latest - page.after + 1, 0)
    rows = look.versions(found.name, top=seen + page.limit + 1, registry=registry)
    rest = [version for version in rows if page.after is None or version.number < page.after]
    return page.answer("versions", rest, lambda version: version.number)
