"""Forms in a notebook: approve, promote, register, write checks, browse. Each is opened on purpose.

`form = nb_mlops.widgets.approve("churn@3")` shows itself as the last line of a cell; `form.result` is then what
`%approve` would have given, None until a button acted. Where nobody watches, the form shows what would be decided, and
the magic that does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nb_mlops.actions.registry import Registry
    from nb_mlops.notebook.widgets.approval import ApprovalForm
    from nb_mlops.notebook.widgets.browser import Browser
    from nb_mlops.notebook.widgets.builder import CheckBuilder
    from nb_mlops.notebook.widgets.promotion import PromotionForm
    from nb_mlops.notebook.widgets.registration import RegistrationForm

__all__ = ["approve", "browse", "checks", "promote", "register"]


def register(name: str | None = None, *, registry: Registry | str | None = None) -> RegistrationForm:
    """A form that registers a fitted estimator of this notebook, as `%register` does; its result is the Version."""
    from nb_mlops.actions.connect import current
    from nb_mlops.notebook.widgets.registration import RegistrationForm

    return RegistrationForm(current(registry), name or "").open()


def checks(ref: str | None = None, *, registry: Registry | str | None = None) -> CheckBuilder:
    """A form that writes a `%%validate` cell and runs nothing; its result is the CheckCell."""
    from nb_mlops.actions.connect import current
    from nb_mlops.notebook.widgets.builder import CheckBuilder

    return CheckBuilder(current(registry), ref).open()


def approve(ref: str | None = None, to: str = "production", *, registry: Registry | str | None = None) -> ApprovalForm:
    """A form that shows what is signed, to approve, reject or request; its result is the Approval.

    Without a ref: the one version that waits for you, else this session's last registration.
    """
    from nb_mlops.actions.connect import current
    from nb_mlops.notebook.widgets.approval import ApprovalForm, waiting

    place = current(registry)
    if ref is None:
        ref, to = waiting(place, to)
    return ApprovalForm(place, ref, to).open()


def promote(ref: str | None = None, to: str = "production", *, registry: Registry | str | None = None) -> PromotionForm:
    """A form with the gate's lines beside the button that promotes; its result is the Promotion."""
    from nb_mlops.actions.connect import current
    from nb_mlops.notebook.widgets.promotion import PromotionForm

    return PromotionForm(current(registry), ref, to).open()


def browse(query: str | None = None, *, registry: Registry | str | None = None) -> Browser:
    """A form to look through models, versions, cards, gates, lineage and history; its result is the view left."""
    from nb_mlops.actions.connect import current
    from nb_mlops.notebook.widgets.browser import Browser

    return Browser(current(registry), query or "").open()
