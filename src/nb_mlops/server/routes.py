"""What can be asked: one table. It makes the handlers, the OpenAPI document, and the list that the tests go through."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nb_mlops.server import answers

if TYPE_CHECKING:
    from nb_mlops.core.shown import Json
    from nb_mlops.server.asked import Asked

PREFIX = "nb-mlops/api/v1"

_NAME = r"(?P<name>[^/]+(?:/[^/]+)?)"  # `churn` or `risk/churn`; whether it is a good name, the action says
_PAGED = (
    ("limit", "How many rows at most, 1 to 500; 100 when left out"),
    ("cursor", "The `next` of the page before; left out for the first page"),
)


@dataclass(frozen=True, slots=True)
class Route:
    """One address below `/nb-mlops/api/v1` and the function that answers a GET there."""

    name: str
    path: str
    summary: str
    answer: Callable[[Asked], Json]
    query: tuple[tuple[str, str], ...] = ()

    @property
    def placeholders(self) -> list[str]:
        """The names in braces: `name` in `/models/{name}`."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def pattern(self) -> str:
        """The path as a regular expression; a name may hold one slash, plain or as %2F."""
        return re.escape(self.path).replace(re.escape("{name}"), _NAME)


# The first that fits answers, so `/versions` stands before the bare name. A model whose own second part is `versions`
# (`risk/versions`) is asked for as `risk%2Fversions`.
ROUTES: tuple[Route, ...] = (
    Route("status", "/status", "Which release answers, and for which registry", answers.status),
    Route(
        "models",
        "/models",
        "The models, with where their aliases point, by name",
        answers.models,
        query=(("text", "Only models whose name holds this text"), *_PAGED),
    ),
    Route("pending", "/pending", "What waits for whom this server acts as, due first", answers.pending),
    Route("versions", "/models/{name}/versions", "A model's versions, newest first", answers.versions, query=_PAGED),
    Route("model", "/models/{name}", "One model", answers.model),
    Route("openapi", "/openapi.json", "This interface as an OpenAPI document", answers.openapi),
)
