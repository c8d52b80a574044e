"""A checkpoint was made and exported: the registry's own history says so."""

from __future__ import annotations

from nb_mlops.core.errors import BadInput
from nb_mlops.core.rules.ruling import Case, Ruling, hexdigest, in_registry


def checkpointed(case: Case) -> Ruling:
    """How far the checkpoint reaches, its digest, and the public key that signed it."""
    position = case.body.get("position")
    if not isinstance(position, int) or isinstance(position, bool) or position < 1:
        raise BadInput("A checkpoint reaches to a position.", "Give the position of its newest event.")
    body = {
        "position": position,
        "digest": hexdigest(case.body.get("digest"), "the digest of the checkpoint"),
        "key": hexdigest(case.body.get("key"), "the public key"),
    }
    return Ruling((in_registry("checkpointed", body),))
