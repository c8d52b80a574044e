"""Policy files: what cannot be read or meant says where and what instead, and what was written is read again."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nb_mlops.core.card_text import SECTIONS
from nb_mlops.core.errors import BadInput
from nb_mlops.core.policy import DEFAULT, LEVELS, Level, Policy, Requirements, Roles
from nb_mlops.core.policy.file import MAX_BYTES, read_policy, write_policy
from nb_mlops.core.policy.sound import refuse_unsound

EXPIRES = "evidence_expires = true\n"
CHECKS = "[high.production]\nchecks = "

# (name, the file, a part of the first line, a part of the second)
BAD = [
    ("no TOML", "high = [", "not TOML", "docs/policy.md"),
    ("a key twice", "[low]\ntraceable = true\ntraceable = true", "not TOML", "docs/policy.md"),
    ("a table twice", "[high.production]\n[high.production]", "not TOML", "docs/policy.md"),
    ("a NUL", "[high]\nformats = ['\x00']", "not TOML", "docs/policy.md"),
    ("an escape of the terminal", "\x1b[31m", "not TOML", "docs/policy.md"),
    ("nested deep", "x = " + "[" * 5_000, "not TOML", "docs/policy.md"),
    ("nested tables", "[" + "high." * 2_000 + "x]", "is not known in a policy", ""),
    ("one MB", "# " + "x" * 1_000_000, "too long", f"{MAX_BYTES:,}"),
    ("a number of 5,000 digits", "[low]\nretention_days = " + "9" * 5_000, "not TOML", "docs/policy.md"),
    ("unknown level", "[hihg]\ntraceable = true", "hihg", "Did you mean high?"),
    ("unknown key of a level", "[high]\ntracable = true", "high.tracable", "Did you mean traceable?"),
    ("unknown key of an alias", "[high.production]\naprovals = 3", "high.production.aprovals", "approvals"),
    ("unknown key of a team", "[teams.risk]\nlevel = 1", "teams.risk.level", "There are roles"),
    ("unknown role", "[roles]\napprover = ['a']", "roles.approver", "Did you mean approvers?"),
    ("a key's name with a line end", '"hi\\ngh" = 1', "hi\\ngh", ""),
    ("a level that is a number", "high = 3", "high = 3 is not a table", "[high]"),
    ("an alias that is a number", "[high]\nproduction = 3", "high.production", ""),
    ("teams as a list", "teams = []", "teams = [] is not a table", "[teams]"),
    ("people as a text", "people = 'ann'", "people = 'ann' is not a table", "[people]"),
    ("a table for a list", "[high.formats]\nskops = true", "high.formats", "formats = ["),
    ("a table for a truth", "[high.traceable]\nx = 1", "high.traceable", "true or false"),
    ("a text for a number", "[high.production]\napprovals = 'two'", "approvals = 'two'", "a whole number"),
    ("a truth for a number", "[high.production]\napprovals = true", "approvals = True", "a whole number"),
    ("half an approval", "[high.production]\napprovals = 2.5", "approvals = 2.5", "a whole number"),
    ("NaN approvals", "[high.production]\napprovals = nan", "approvals = nan", "a whole number"),
    ("infinite days", "[high.production]\nevidence_days = inf", "evidence_days = inf", "a whole number"),
    ("a number for a truth", "[high]\ntraceable = 1", "high.traceable = 1", "true or false"),
    ("a text for a list", "[high]\nformats = 'skops'", "high.formats = 'skops'", 'formats = ["'),
    ("numbers in a list", "[high.production]\nchecks = [1]", "checks = [1]", "checks = ["),
    ("a day for a text", "[high.production]\nevidence_reason = 2026-01-01", "evidence_reason", "a text"),
    ("an unknown glass", "[high.production]\nbreak_glass = 'maybe'", "break_glass = 'maybe'", '"ticket"'),
    ("a glass that is true", "[high.production]\nbreak_glass = true", "break_glass = True", '"ticket"'),
    ("fewer than no approvals", "[high.production]\napprovals = -1", "approvals = -1", "Between 0 and 20"),
    ("a million approvals", "[high.production]\napprovals = 1000000", "approvals = 1000000", "Between 0 and 20"),
    ("no days at all", "[high.production]\nevidence_days = 0", "evidence_days = 0", "Between 1 and"),
    ("days before now", "[high.production]\napproval_days = -3", "approval_days = -3", "Between 1 and"),
    ("more days than there were", "[low]\nretention_days = 99999999999999999999", "retention_days", "Between 1"),
    ("high below medium", "[medium.production]\napprovals = 3", "high.production.approvals = 2", "as much at high"),
    ("medium below low", "[low]\ntraceable = true", "medium.traceable = false", "as much at medium"),
    ("high forgets a check", "[medium.production]\nchecks = ['f1 > 0']", "high.production.checks", "at high"),
    (
        "a team that asks less",
        "[teams.risk.high.production]\napprovals = 1",
        "teams.risk.high.production.approvals = 1 asks less than 2",
        "only ask for more",
    ),
    (
        "a team with longer evidence",
        "[teams.risk.high.production]\nevidence_days = 120",
        "evidence_days = 120 asks less than 90",
        "only ask for more",
    ),
    (
        "a team without a card",
        "[teams.risk.high.production]\ncard = ['intended_use']",
        "risk.high.production.card",
        "more",
    ),
    (
        "a team that lets others sign",
        "[roles]\napprovers = ['a', 'b']\n[teams.risk.roles]\napprovers = ['a', 'mallory']",
        "teams.risk.roles.approvers",
        "only ask for more",
    ),
    ("a team's own admins", "[teams.risk.roles]\nadmins = ['ann']", "risk.roles.admins", "under [roles]"),
    ("a team no model can have", '[teams."Risk Team".high]\ntraceable = true', "Risk Team", "before the /"),
    ("a team with a dot", '[teams."a..b".high]\ntraceable = true', "a..b", "before the /"),
    ("expiry without a reason", f"[medium.production]\n{EXPIRES}", "does not say why", "evidence_reason ="),
    (
        "expiry with a placeholder",
        f"[medium.production]\n{EXPIRES}evidence_reason = 'TBD'",
        "does not say why",
        "evidence_reason =",
    ),
    (
        "expiry without days",
        "[high.production]\nevidence_days = false",
        "evidence_days does not say when",
        "evidence_days = 90",
    ),
    (
        "conditions on no validation",
        "[medium.production]\nvalidation = false",
        "held_out is asked",
        "validation = true",
    ),
    ("conditions on no approval", "[high.production]\napprovals = 0", "independent is asked", "approvals = 1"),
    (
        "back to what nobody approves",
        "[medium.staging]\nrollback_to_approved = true",
        "rollback_to_approved is asked of approvals",
        "approvals = 1",
    ),
    ("a check that is none", f"{CHECKS}['roc_auc']", "high.production.checks", ""),
    ("an empty check", f"{CHECKS}['']", "high.production.checks", ""),
    ("a check that calls", f'{CHECKS}[\'__import__("os").system("id") >= 0\']', "high.production.checks", ""),
    ("a check that looks inside", f"{CHECKS}['().__class__.__bases__ >= 0']", "high.production.checks", ""),
    ("a check that makes functions", f"{CHECKS}['(lambda: 1)() >= 0']", "high.production.checks", ""),
    ("a check with a blank of the notebook", f"{CHECKS}['roc_auc >= {{least}}']", "high.production.checks", ""),
    ("a check of a metric that is a power", f"{CHECKS}['9**9**9 >= 0']", "high.production.checks", ""),
    ("an unknown section of the card", "[high.production]\ncard = ['ethic']", "'ethic'", "Did you mean ethics?"),
    ("runs code and does not", "[high]\nformats = ['joblib']", "formats allows joblib", "Take one away"),
    ("an alias that is none", '[high."Pre Prod"]\napprovals = 1', "is not an alias", "pre-prod"),
    ("the alias latest", "[high.latest]\napprovals = 1", "'latest' is reserved", "another"),
    ("data without a name", "[high.production]\ndata = ''", "is no name for data", ""),
    (
        "more approvals than approvers",
        "[roles]\napprovers = ['ann']",
        "high.production.approvals = 2, but roles.approvers names 1 person",
        "Name more",
    ),
    (
        "one approver under two names",
        "[people]\nAnn = ['ann', 'alee']\n[roles]\napprovers = ['ann', 'alee']",
        "names 1 person",
        "Name more",
    ),
    (
        "a team's approvers are too few",
        "[teams.risk.roles]\napprovers = ['ann']",
        "teams.risk.high.production.approvals = 2",
        "Name more",
    ),
    ("a role without a person", "[roles]\napprovers = []", "roles.approvers is not a list", "leave it out"),
    ("an approver without a name", "[roles]\napprovers = ['  ']", "is no name of a person", "ann@example.org"),
    ("an approver that turns the line", '[roles]\napprovers = ["a\\u202eb"]', "is no name of a person", "ann@"),
    ("a person without identities", "[people]\nAnn = []", "people.Ann", "ann@example.org"),
    (
        "an identity of two",
        "[people]\nAnn = ['ann', 'shared']\nBob = ['bob', 'shared']",
        "One identity belongs to two persons",
        "one person's",
    ),
    ("a person who is another", "[people]\nAnn = ['Bob']\nBob = ['bob']", "two persons", "one person's"),
]


@pytest.mark.parametrize(("text", "what", "hint"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_policy_that_cannot_be_meant_says_where_and_what_instead(text: str, what: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_policy(text)
    assert what in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.hint
    assert str(caught.value).count("\n") == 1
    assert len(str(caught.value)) < 700


def test_the_page_on_policies_shows_files_that_are_read() -> None:
    page = Path(__file__).parents[3] / "docs" / "policy.md"
    shown = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    for text in shown:
        assert read_policy(text).digest != DEFAULT.digest


@pytest.mark.parametrize("text", ["", "# nothing", "[low]", "[high.production]\napprovals = 2"])
def test_what_a_file_leaves_out_is_the_default(text: str) -> None:
    assert read_policy(text) == read_policy(write_policy(DEFAULT))
    assert read_policy(text).digest == DEFAULT.digest


def test_who_takes_the_approvals_away_takes_away_what_hangs_on_them_at_rollback() -> None:
    asks = read_policy("[medium.production]\napprovals = 0").requirements("churn", "medium", "production")
    assert (asks.approvals, asks.rollback_to_approved) == (0, False)


@pytest.mark.parametrize(
    "taken",
    [
        {"evidence_days": None},
        {"evidence_days": None, "validation": False, "held_out": False},
        {"approvals": 0, "rollback_to_approved": False},
        {"card": ()},
        {"break_glass": "no"},
    ],
)
def test_what_a_policy_does_not_ask_any_more_is_written(taken: dict[str, object]) -> None:
    less = replace(DEFAULT.levels["medium"].aliases["production"], **taken)
    medium = replace(DEFAULT.levels["medium"], aliases={**DEFAULT.levels["medium"].aliases, "production": less})
    policy = replace(DEFAULT, levels={**DEFAULT.levels, "medium": medium})
    assert read_policy(write_policy(policy)).digest == policy.digest


def test_a_team_is_written_beside_its_organisation_and_not_beside_the_default() -> None:
    text = "[high.staging]\nbreak_glass = 'reason'\n[teams.risk.high.staging]\nbreak_glass = 'no'"
    policy = read_policy(text)
    assert policy.requirements("risk/churn", "high", "staging").break_glass == "no"
    assert read_policy(write_policy(policy)) == policy


# ------------------------------------------------------------------------------------------- any policy, there and back

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co", "Cf", "Zl", "Zp"]), max_size=12)
NAMES = st.text("abcdefgh", min_size=1, max_size=4).map(lambda name: f"{name}@example.org")
LINES = st.sampled_from(
    ["roc_auc >= 0.7", "f1 > 0", "roc_auc.ci_low >= 0.6", "brier <= 0.3", 'recall.by("sex").min > 0']
)
DAYS = st.one_of(st.none(), st.integers(1, 36_500))
TEAMS = st.sampled_from(["risk", "a-b", "x.y", "q_1"])
ORDER = ("reason", "ticket", "no")


@st.composite
def asked(draw: st.DrawFn) -> Requirements:
    """Something that no condition of which hangs in the air."""
    approvals, validation = draw(st.integers(0, 4)), draw(st.booleans())
    flag, lines = st.booleans(), st.lists(LINES, max_size=3, unique=True).map(tuple)
    days = draw(DAYS) if validation else None
    return Requirements(
        validation=validation,
        held_out=validation and draw(flag),
        checks=draw(lines) if validation else (),
        validated_by_other=validation and draw(flag),
        ci=validation and draw(flag),
        evidence_days=days,
        evidence_expires=days is not None and draw(flag),
        evidence_reason=f"for a reason {draw(WORDS)}",
        approvals=approvals,
        independent=approvals > 0 and draw(flag),
        approval_days=draw(DAYS) if approvals else None,
        comment=approvals > 0 and draw(flag),
        card=draw(st.lists(st.sampled_from(SECTIONS), unique=True).map(tuple)),
        baseline=draw(flag),
        monitor_days=draw(DAYS),
        rollback_to_approved=approvals > 0 and draw(flag),
        break_glass=draw(st.sampled_from(ORDER)),
    )


def both(one: Requirements, other: Requirements) -> Requirements:
    """Everything that one of the two asks."""
    made: dict[str, object] = {}
    for name in (one.name for one in fields(Requirements)):
        pair = getattr(one, name), getattr(other, name)
        if name.endswith("_days"):
            made[name] = min((days for days in pair if days is not None), default=None)
        elif isinstance(pair[0], tuple):
            made[name] = tuple(dict.fromkeys((*pair[0], *pair[1])))
        elif name == "break_glass":
            made[name] = max(pair, key=ORDER.index)
        else:
            made[name] = pair[1] if isinstance(pair[0], str | None) else max(pair)
    return Requirements(**made)


@st.composite
def stricter(draw: st.DrawFn, than: Level, aliases: tuple[str, ...]) -> Level:
    """A level that asks at least as much."""
    flags = ("owner_and_purpose", "traceable", "uses")
    return Level(
        **{name: getattr(than, name) or draw(st.booleans()) for name in flags},
        no_code=than.no_code,
        formats=than.formats[: draw(st.integers(1, 3))]
        if than.formats
        else draw(st.sampled_from([(), ("skops", "onnx")])),
        retention_days=than.retention_days and draw(st.one_of(st.none(), st.integers(than.retention_days, 36_500))),
        aliases={alias: both(than.for_alias(alias), draw(asked())) for alias in aliases},
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any policy that can be meant, with teams, roles and people."""
    aliases = ("production", "staging", *draw(st.lists(st.sampled_from(["canary", "pre.prod", "e-u_1"]), unique=True)))
    levels: dict[str, Level] = {}
    below = Level(no_code=draw(st.booleans()), retention_days=draw(DAYS))
    for stakes in LEVELS:
        below = levels[stakes] = draw(stricter(below, aliases))
    teams: dict[str, dict[str, Level]] = {}
    for team in draw(st.lists(TEAMS, max_size=2, unique=True)):
        teams[team] = {"high": draw(stricter(levels["high"], aliases))}
    people = draw(st.lists(st.lists(NAMES, min_size=2, max_size=3, unique=True).map(tuple), max_size=2))
    approvers = tuple(draw(st.lists(NAMES, min_size=5, max_size=7, unique=True)))
    roles = Roles(draw(st.sampled_from([(), approvers])), tuple(draw(st.lists(NAMES, max_size=2, unique=True))))
    team_roles = {team: Roles(approvers=approvers) for team in draw(st.lists(TEAMS, max_size=2, unique=True))}
    return Policy(levels, teams, roles, team_roles, tuple(people))


@given(policies())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_any_policy_is_read_as_it_was_written(policy: Policy) -> None:
    try:
        refuse_unsound(policy)
    except BadInput:
        assume(False)
    again = read_policy(write_policy(policy))
    assert again.to_dict() == policy.to_dict()
    assert again.digest == policy.digest
    assert Policy.from_dict(policy.to_dict()).digest == policy.digest
    assert write_policy(again) == write_policy(policy)
