"""All magics as data: name, options, help. Parsing, completion, `%promote?` and the reference read this."""

from __future__ import annotations

from nb_mlops.core.card_text import SECTIONS
from nb_mlops.notebook.arguments import Argument, Kind, Option, Spec

REGISTRY = Option(("--registry",), "another registry for this line: a folder or an address", Kind.WORD, "ADDRESS")
COMMENT = Option(("--comment", "-m"), "why, in your words; it is kept", Kind.TEXT, '"…"')
REASON = Option(("--reason", "-m"), "why, in your words; it is kept", Kind.TEXT, '"…"')
TO_ALIAS = Option(("--to",), "the alias it should move to (production)", Kind.ALIAS, "ALIAS")
TRUST = Option(("--trust",), "load bytes that run code when loaded")
STAKES = ("low", "medium", "high")

CHECK_LINES = (
    ("check lines:", "in the cell, one a line; the whole language: docs/reference.md, “Check lines”"),
    ("  roc_auc >= 0.85", "a metric on the held-out rows against a number"),
    ("  roc_auc >= production.roc_auc", "against the version in production, on the same rows"),
    ("  f1.by(region).min >= 0.6", "the worst of the groups in a column"),
    ("  roc_auc.ci_low >= 0.8", "the lower end of the 95% interval"),
)

REF = Argument("ref", "churn@3, churn@production, churn@latest; left out: the last one made here", Kind.REF, True)
MODEL = Argument("model", "a model's name", Kind.MODEL)


def _signing(name: str, does: str) -> Spec:
    return Spec(
        name, does, (REF,), (TO_ALIAS, COMMENT, REGISTRY), acts=True, example=f'%{name} churn@3 --to production -m "…"'
    )


REGISTER = Spec(
    "register",
    "Registers the estimator this notebook fitted. As %%register it runs its cell first, as the last line of the cell "
    "that fitted it (v = %register churn) it captures the same.",
    (Argument("name", "the model's name; a new one makes a new model", Kind.MODEL),),
    (
        Option(("--model",), "the estimator, where several are there", Kind.OBJECT, "EXPR"),
        Option(("--data",), "what it was fitted on: X,y or a table", Kind.OBJECT, "X,y"),
        Option(("--target",), "the column of a table that is the target", Kind.TEXT, "COLUMN"),
        Option(("--ignore",), "columns that are no features", Kind.NAMES, "A,B"),
        Option(("--data-source",), "where the data comes from, in words or as an address", Kind.TEXT, '"…"'),
        Option(("--metrics",), "a dict of what you measured", Kind.OBJECT, "NAME"),
        Option(("--params",), "a dict of parameters to keep", Kind.OBJECT, "NAME"),
        Option(("--stakes",), "how much depends on the model", Kind.WORD, "low|medium|high", choices=STAKES),
        Option(("--owner",), "who answers for the model", Kind.TEXT, "OWNER"),
        Option(("--purpose",), "what the model is for", Kind.TEXT, '"…"'),
        Option(("--tag",), "a tag of the version", Kind.PAIR, "k=v", repeated=True),
        Option(("--file",), "a file that belongs to the version", Kind.TEXT, "PATH", repeated=True),
        Option(("--format",), "how it is stored (chosen by itself)", Kind.WORD, "NAME"),
        Option(("--module",), "a local module whose classes travel along, by name", Kind.TEXT, "NAME", repeated=True),
        Option(("--parent",), "the version it was made from", Kind.REF, "REF"),
        Option(("--no-examples",), "keep no example rows"),
        Option(("--no-code",), "keep no code"),
        Option(("--dry-run",), "show what would be stored, and where; store nothing"),
        Option(("--again",), "make a version even where nothing changed"),
        Option(("--into",), "bind the version to this name", Kind.VARIABLE, "v"),
        REGISTRY,
    ),
    is_cell=True,
    acts=True,
    example="%%register churn --tag team=risk",
)

VALIDATE = Spec(
    "validate",
    "Runs the check lines of the cell on held-out data and records what they gave. A failed check raises.",
    (REF,),
    (
        Option(("--data",), "held-out data: X_test,y_test or a table or a path", Kind.OBJECT, "X,y"),
        Option(("--target",), "the column of a table that is the target", Kind.TEXT, "COLUMN"),
        Option(("--ignore",), "columns that are no features", Kind.NAMES, "A,B"),
        Option(("--by",), "columns of the data by whose values every metric is shown", Kind.NAMES, "A,B"),
        Option(("--weight",), "sample weights: a column or a variable", Kind.OBJECT, "NAME"),
        Option(("--scorer",), "a scorer of your own, by its variable", Kind.OBJECT, "NAME", repeated=True),
        Option(("--positive",), "the class that counts as positive", Kind.TEXT, "LABEL"),
        Option(("--on",), "named data of the registry", Kind.WORD, "NAME"),
        Option(("--soft",), "show a failed check without raising; it is still recorded"),
        Option(("--draft",), "record nothing"),
        Option(("--no-importance",), "do not shuffle columns to see which ones the model lives on"),
        TRUST,
        REGISTRY,
    ),
    is_cell=True,
    is_line=False,
    acts=True,
    more=CHECK_LINES,
    example="%%validate churn@latest --data X_test,y_test",
)

GATE = Spec(
    "gate",
    "Shows what the policy asks before the alias may move, what is there, what is missing, and who may supply it.",
    (REF,),
    (TO_ALIAS, REGISTRY),
    example="%gate churn@3 --to production",
)
REQUEST = _signing("request", "Asks others to approve that this version takes the alias.")
APPROVE = _signing("approve", "Signs that this version may take the alias.")
REJECT = _signing("reject", "Signs that this version must not take the alias.")

PROMOTE = Spec(
    "promote",
    "Decides by the policy and moves the alias; a closed gate raises with its reasons. Never moves it back.",
    (REF,),
    (
        TO_ALIAS,
        REASON,
        Option(("--break-glass",), "pass a closed gate in an emergency; a ticket's number", Kind.WORD, "TICKET"),
        REGISTRY,
    ),
    acts=True,
    example='%promote churn@3 --to production -m "beats the old one in every region"',
)
ROLLBACK = Spec(
    "rollback",
    "Moves the alias back to the version before that was not itself rolled back.",
    (MODEL,),
    (
        Option(("--alias",), "the alias to move (production)", Kind.ALIAS, "ALIAS"),
        Option(("--from",), "what must be there now", Kind.REF, "REF"),
        Option(("--to",), "the version to go back to", Kind.REF, "REF"),
        REASON,
        REGISTRY,
    ),
    acts=True,
    example='%rollback churn --from churn@4 -m "drifted in June"',
)
DRIFT = Spec(
    "drift",
    "Compares a table with the data the version was fitted on. Looking is free; --record makes it a window of record.",
    (Argument("ref", "a version: churn@production", Kind.REF), Argument("table", "a table or a path", Kind.OBJECT)),
    (
        Option(("--time",), "the column that says when", Kind.TEXT, "COLUMN"),
        Option(("--every",), "the length of a window: 7d, 1mo", Kind.WORD, "7d"),
        Option(("--by",), "also by segment", Kind.TEXT, "COLUMN"),
        Option(("--record",), "make it a window of record", acts=True),
        Option(("--interactive",), "show the Plotly figure"),
        REGISTRY,
    ),
    example="%drift churn@production df --time day --every 7d",
)

MODELS = Spec(
    "models",
    "Lists the models of the registry.",
    (Argument("words", "only those whose name or purpose holds this", Kind.TEXT, True, many=True),),
    (REGISTRY,),
    example="%models churn",
)
VERSIONS = Spec(
    "versions",
    "Lists the versions of a model.",
    (MODEL,),
    (
        Option(("--where",), "only those for which this holds", Kind.TEXT, '"metrics.roc_auc > 0.8"'),
        Option(("--sort",), "by this, a leading - puts the largest first", Kind.WORD, "-roc_auc"),
        Option(("--top",), "at most so many", Kind.NUMBER, "10"),
        REGISTRY,
    ),
    example="%versions churn --sort -roc_auc --top 10",
)
COMPARE = Spec(
    "compare",
    "Shows what differs between versions: metrics, parameters, data, environment, code.",
    (Argument("refs", "two versions or more", Kind.REF, many=True),),
    (REGISTRY,),
    example="%compare churn@1 churn@3",
)
LINEAGE = Spec("lineage", "Draws what produced a version.", (REF,), (REGISTRY,), example="%lineage churn@3")
AUDIT = Spec(
    "audit",
    "Shows the history of a model: who did what, when and why; or what stood behind an alias on a day.",
    (Argument("ref", "a model, a version or an alias; registry: its own history", Kind.REF),),
    (
        Option(("--since",), "only from this day or moment on (UTC)", Kind.TEXT, "2026-11-01"),
        Option(("--until",), "only up to this day or moment (UTC)", Kind.TEXT, "2026-11-30"),
        Option(("--who",), "only by people whose name holds this", Kind.TEXT, "NAME"),
        Option(("--kind",), "only events of these kinds", Kind.NAMES, "promoted,approved"),
        Option(("--as-of",), "what stood behind the alias at the end of this day (UTC)", Kind.TEXT, "2026-11-01"),
        Option(("--export",), "also write it to a .csv, .json or .html file", Kind.TEXT, "PATH"),
        REGISTRY,
    ),
    example="%audit churn --since 2026-11-01 --kind promoted,rolled_back",
)
CARD = Spec(
    "card",
    "Shows the model card. As %%card it writes what only a person can say: the cell is Markdown with a heading for "
    "each section (## Limits), or the text of one --section.",
    (REF,),
    (
        Option(("--section",), "the section that the cell is the text of", Kind.WORD, "NAME", choices=SECTIONS),
        Option(("--template",), "put a %%card cell to fill in below"),
        REGISTRY,
    ),
    is_cell=True,
    example="%%card churn@3 --section limits",
)

FORMS = ("register", "checks", "approve", "promote")
MLOPS_VERBS = {
    "status": "where we are: registry, who acts, how far governance can be trusted",
    "help": "[MAGIC]: all magics, or one",
    "connect": "ADDRESS: use this registry from now on",
    "outbox": "[list | push [ID] | drop ID]: packages that a registry could not take",
    "doctor": "[REF] [--trust]: does the version still load and answer the same?",
    "stakes": 'NAME [LEVEL] [--owner O] [--purpose "…"] | NAME --assess [QUESTION=ANSWER …]: a model\'s stakes, owner, '
    "purpose, or what a questionnaire suggests",
    "pending": "what waits for you: approvals, reviews, notes that are due, findings you own",
    "policy": "[show | check FILE | diff FILE | apply FILE]: what stakes ask for, or other demands from a TOML file",
    "finding": 'NAME [--all] | open REF [SEVERITY] -m "…" [--owner O] [--due DAY] | close NAME NUMBER -m "…"',
    "review": 'NAME -m "…": what you found about an emergency in which somebody else broke the glass',
    "retire": 'REF or NAME [--yes] -m "…": the end of a version or a model, after telling who used it lately',
    "dossier": "[REF] [FILE]: all that stands on record about a version, as one zip: card, evidence, approvals, proof",
    "data": "[add NAME X,y [--target COLUMN]]: named held-out data, which a policy can demand",
    "alias": "[add NAME]: the aliases there are, or a new one",
    "checkpoint": "[PLACE]: signs all heads of the registry, so that any later rewriting shows",
    "browse": "[TEXT]: look through the registry in a form",
    "form": "register [NAME] | checks [REF] | approve [REF] | promote [REF]: opens the form; --to ALIAS",
    "undo": "takes back this kernel's last registration, if nobody used it",
    "trust-project": "[FOLDER]: let nb_mlops.toml of this project choose the registry",
}
# Which of the options each verb takes; another one is refused, never dropped.
MLOPS_OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(MLOPS_VERBS, ("--registry",)),
    **dict.fromkeys(("help", "connect", "outbox", "trust-project"), ()),
    "doctor": ("--trust", "--registry"),
    "stakes": ("--assess", "--owner", "--purpose", "--registry"),
    "policy": ("--reason", "--registry"),
    "finding": ("--reason", "--owner", "--due", "--all", "--registry"),
    "review": ("--reason", "--registry"),
    "retire": ("--reason", "--yes", "--registry"),
    "data": ("--reason", "--target", "--registry"),
    "form": ("--to", "--registry"),
    "undo": ("--reason", "--registry"),
}
MLOPS = Spec(
    "mlops",
    f"The extension itself: {', '.join(MLOPS_VERBS)}.",
    (
        Argument("verb", "what to do; %mlops help tells each", Kind.WORD, True, choices=tuple(MLOPS_VERBS)),
        Argument("words", "what the verb takes", Kind.REF, True, many=True),
    ),
    (
        TO_ALIAS,
        REASON,
        TRUST,
        Option(("--assess",), "stakes: ask the questions, or take their answers"),
        Option(("--owner",), "stakes: who answers for the model; finding open: who has to answer", Kind.TEXT, "OWNER"),
        Option(("--purpose",), "stakes: what the model is for", Kind.TEXT, '"…"'),
        Option(("--due",), "finding open: until when, 2026-12-31", Kind.WORD, "DAY"),
        Option(("--all",), "finding: closed ones, too"),
        Option(("--target",), "data add: the column of a table that is the target", Kind.TEXT, "COLUMN"),
        Option(("--yes",), "retire: also what was used lately"),
        REGISTRY,
    ),
    acts=True,
    more=tuple((f"%mlops {verb}", does) for verb, does in MLOPS_VERBS.items()),
    example="%mlops status",
)

SPECS: dict[str, Spec] = {
    spec.name: spec
    for spec in (
        *(REGISTER, VALIDATE, GATE, REQUEST, APPROVE, REJECT, PROMOTE, ROLLBACK, DRIFT),
        *(MODELS, VERSIONS, COMPARE, LINEAGE, AUDIT, CARD, MLOPS),
    )
}
