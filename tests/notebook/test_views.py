"""Each value has a view: it shows what matters, escapes what people wrote, stays small, and reads in any theme."""

import json
from datetime import UTC, datetime

import pytest

from nb_mlops.core.as_of import AsOf, Measured, Signed
from nb_mlops.core.card import Card, Section, Table, Written
from nb_mlops.core.check_cell import CheckCell
from nb_mlops.core.checkpoint import Checkpoint, Proof
from nb_mlops.core.comparison import Comparison, Line
from nb_mlops.core.decision import Decision, Reason
from nb_mlops.core.diagnosis import Diagnosis
from nb_mlops.core.dossier import Dossier
from nb_mlops.core.history import Entry, History
from nb_mlops.core.lineage import Cell, Environment, Git, Lineage, Notebook, Run, Slice
from nb_mlops.core.listing import Listing
from nb_mlops.core.model import Model
from nb_mlops.core.promotion import Approval, Promotion
from nb_mlops.core.rehearsal import Rehearsal
from nb_mlops.core.rows import VersionRow
from nb_mlops.core.signature import Column, Output, Signature
from nb_mlops.core.signing import Evidence, Signing
from nb_mlops.core.status import Status
from nb_mlops.core.validation import CheckResult, ValidationReport
from nb_mlops.core.verification import Mismatch, Verification
from nb_mlops.core.version import Version
from nb_mlops.notebook.about import Help
from nb_mlops.notebook.views import html_of

NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)></style>\u202e\x1b[31m"


def version(said: str = "anna", *, metrics=None, params=None, lineage: Lineage | None = None, **more) -> Version:
    row = VersionRow(
        model="id", number=3, event="e", created_at=NOW, actor="a", digest="c0ffee" * 10, identity="i", format="skops",
        size_bytes=812_345, files={}, record="r", metrics=metrics or {"roc_auc": 0.8437}, params=params or {}, tags={},
    )  # fmt: skip
    record = {"estimator": said, "fitted": said, "lineage": (lineage or Lineage()).to_dict()}
    return Version(
        "churn", row, said, aliases=("production",), read_blob=lambda sha256: json.dumps(record).encode(),
        find_name=lambda actor: said, notes=(said,), **more,
    )  # fmt: skip


def traced(said: str = "x = 1", cells: int = 2) -> Lineage:
    made = tuple(Cell(str(number), number, said) for number in range(1, cells + 1))
    return Lineage(
        Notebook(said, "ab" * 32, "papermill"), made[-1], Slice(made, False, (said,)), {said: said}, (),
        Environment(said, said, {said: said}), Git("8ab31c22d0ff", said, True, said, said),
        (Run(said, said, said),), said, (said,),
    )  # fmt: skip


def signed(said: str) -> Checkpoint:
    return Checkpoint(time=NOW, position=0, heads={}, trail="", key=said, place=said, notes=(said,))


def values(said: str) -> list[object]:
    """One value of each kind, all its free text being `said`."""
    reasons = (Reason(said, True, said, said), Reason(said, False, said, f"{said} %{said}"))
    decision = Decision(said, said, said, reasons)
    check = CheckResult(said, 0.4, 0.5, False, said, "failed")
    report = ValidationReport(
        ref=said, results=(check,), rows=1, data_name=said, metrics={said: 0.5}, segments={said: {said: 0.4}},
        attempt=1, importance={said: 0.1}, importance_how=said, notes=(said,),
        claimed_ci={"provider": said, "run": said},
    )  # fmt: skip
    compared = Comparison((said, said), (Line("metrics", said, (said, None)),), f"+{said}\n-{said}")
    model = Model(said, said, said, said, 3, {said: 3}, NOW)
    figures, written = Table(said, (said,), ((said,),)), Written(said, said, NOW, said, True, True)
    return [
        version(said, metrics={said: said}, params={said: said}, lineage=traced(said)),
        report,
        decision,
        Promotion(said, said, said, decision, True, "promoted", said, NOW, said, (said,)),
        Approval(said, said, "approved", said, NOW, said, said, said, said),
        Listing((model,), ("name", "owner", "purpose", "aliases"), title=said, empty=said),
        Listing((), ("name",), title=said, empty=said),
        model,
        traced(said),
        Signature((Column(said, "text", said, categories=(said,)),), Output("classes", (said,), said)),
        History(said, (Entry(1, NOW, said, said, said, said, said),), False),
        compared,
        Card(said, (Section("limits", said, ((said, said),), (figures,), written, said),), (said,), (said,)),
        Dossier(ref=said, path=said, sha256=said, files=((said, 1),), state=said, notes=(said,)),
        Signing(said, decision, said, said, said, (Evidence(said, True, 1, said, 1, said, NOW),), said, compared),
        Signing(said, decision, said, said, said, (), said, None, said),
        CheckCell(said, said),
        Status(said, said, said, said, said, 1, 1, said, True, (said,)),
        Diagnosis(said, (said,), {said: (said, said)}),
        Verification(1, 2, 3, (Mismatch(said, said),), (Proof(signed(said)),), (said,)),
        signed(said),
        AsOf(
            name=said,
            alias=said,
            moment=NOW,
            stakes=said,
            policy=said,
            asked={said: said},
            owner=said,
            purpose=said,
            ref=said,
            digest=said,
            registered=said,
            moved=said,
            reason=said,
            previous=said,
            decision=decision,
            evidence=(Measured(NOW, said, True, 9, 1, said, (said,)),),
            approvals=(Signed(NOW, said, said),),
            findings=(said,),
            notes=(said,),
        ),
        Rehearsal(said, said, said, said, False, {said: 3}, (said,), 1, {said: said}, {said: said}, notes=(said,)),
        Help(said, ((said, said),)),
    ]


@pytest.mark.parametrize("value", values(HOSTILE), ids=lambda value: value.kind)
def test_what_people_wrote_is_escaped(value):
    shown = html_of(value)
    assert "<script" not in shown
    assert "<img" not in shown
    assert shown.count("</style>") == 1
    assert "\u202e" not in shown
    assert "\x1b" not in shown
    assert "&lt;script&gt;" in shown or value.kind in {"lineage"}


@pytest.mark.parametrize("value", values("plain"), ids=lambda value: value.kind)
def test_every_tag_that_opens_closes(value):
    from html.parser import HTMLParser

    class Balance(HTMLParser):
        stack: list[str] = []

        def handle_starttag(self, tag, attrs):
            self.stack.append(tag)

        def handle_endtag(self, tag):
            assert self.stack.pop() == tag

    parser = Balance()
    parser.feed(html_of(value))
    assert parser.stack == []


@pytest.mark.parametrize("value", values("plain"), ids=lambda value: value.kind)
def test_a_view_needs_no_script_no_network_and_no_fixed_background(value):
    shown = html_of(value)
    assert "http" not in shown.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in shown
    assert "#fff" not in shown
    assert "aria-label=" in shown


def test_what_a_register_cell_adds_to_the_notebook_stays_under_30_kb():
    large = {f"metric_{number}" * 3: 0.123456789 for number in range(100)}
    found = version("anna", metrics=large, params=large, lineage=traced("x = 1\n" * 5_000, cells=40))
    bundle = found._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "application/vnd.nb-mlops.version+json"}
    assert len(json.dumps(bundle)) < 30_000


def test_a_lineage_with_a_long_notebook_stays_small():
    assert len(html_of(traced("x = 1\n" * 5_000, cells=300))) < 30_000


def test_a_card_says_what_the_version_is():
    shown = html_of(version(unchanged=True))
    for said in ("churn@3", "unchanged", "production", "roc_auc", "0.8437", "skops, 812.3 kB", "2026-11-23 03:40 UTC"):
        assert said in shown


def test_a_card_shows_its_row_when_the_record_cannot_be_read():
    from dataclasses import replace

    from nb_mlops.core.errors import Damaged

    def damaged(sha256: str) -> bytes:
        raise Damaged("a bit flipped", "")

    assert "churn@3" in html_of(replace(version(), read_blob=damaged))


def test_the_lineage_graph_names_its_parts_and_what_is_unknown():
    shown = html_of(Lineage())
    assert shown.count("stroke-dasharray") == 10
    assert "data, notebook, code, environment, git lead to this version" in shown


def test_without_styles_and_drawings_the_words_still_stand_apart():
    import re

    def words(shown: str) -> str:
        return re.sub(r"<[^>]+>", "", re.sub(r"<style>.*?</style>", "", shown, flags=re.DOTALL))

    assert words(html_of(version())).lstrip().startswith("churn@3 ✓ production low stakes")
    assert "data: unknown; notebook: unknown; " in words(html_of(Lineage()))


def test_a_failed_check_shows_value_limit_and_detail():
    check = CheckResult("f1 >= 0.5", 0.4312, 0.5, False, "f1 is 0.4312 < 0.5", "failed")
    shown = html_of(ValidationReport(ref="churn@3", results=(check,), rows=1200, attempt=7))
    for said in ("0 of 1 check passed", "0.4312", "0.5", "f1 is 0.4312 &lt; 0.5", "1,200 rows", "attempt 7", "✗"):
        assert said in shown


def test_a_report_shows_what_the_policy_asked_what_is_noted_claimed_and_important():
    passed = CheckResult("f1 >= 0.5", 0.6, 0.5, True, "worst: <north>", "passed", required=True)
    lacking = CheckResult("mae <= 1", None, None, False, "cannot be computed", "not judged", required=True)
    report = ValidationReport(
        ref="churn@3", results=(passed, lacking), rows=1200, attempt=1, attempts_in_all=5, data_sets=4,
        importance={f"column {at}": 0.1 for at in range(25)}, importance_how="drop of f1 when the column is shuffled",
        notes=("<b>balance</b> alone predicts the target",), claimed_ci={"provider": "<CI>", "run": "https://ci.example/1"},
    )  # fmt: skip
    shown = html_of(report)
    for said in (
        "(policy)", "worst: &lt;north&gt;", "cannot be computed", "✗", "attempt 1 on this data, 5 over 4 data sets",
        "&lt;b&gt;balance&lt;/b&gt; alone", "ran in CI (claimed): &lt;CI&gt;, https://ci.example/1",
        "importance of columns", "drop of f1", "column 19", "and 5 more",
    ):  # fmt: skip
        assert said in shown
    assert "column 20" not in shown


def test_a_closed_gate_says_how_to_open_it():
    reason = Reason("an approval", False, "0 of 1", "Somebody else runs %approve churn@3 --to production")
    shown = html_of(Decision("churn@3", "production", "medium", (reason,)))
    assert "✗ closed" in shown
    assert "Somebody else runs <code>%approve churn@3 --to production</code>" in shown


def test_versions_have_a_column_for_each_metric():
    listed = Listing((version(), version(metrics={"f1": 0.5})), ("ref", "metrics", "aliases"), title="versions")
    assert [column in html_of(listed) for column in (">roc_auc<", ">f1<", ">aliases<")] == [True] * 3


def test_a_value_without_a_view_gives_none():
    assert html_of(object()) is None
