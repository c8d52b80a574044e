"""Literals that look like secrets, masked before anything is stored; ordinary code stays as it was typed.

Two kinds are found. A **shape** is a secret wherever it stands (an AWS key, a JWT, a private key, `user:password@` in
an address). A **literal behind a name** is one because of what it is given to (`password = "..."`,
`{"api_key": "..."}`, `os.environ["TOKEN"] = "..."`, `%env TOKEN=...`). Only the text between quotes is replaced, so
code that Python could read can still be read. Every pattern is bounded: the time grows with the length, no faster.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from nb_mlops.core.shown import Json

MASK = "***"

# Nothing is looked at closely unless one of these stands somewhere: most cells cost one search.
_TRIGGER = re.compile(
    r"pass|pwd|secret|token|key|cred|auth|bearer|://|-----BEGIN|eyJ|A[KS]IA|gh[pousr]_|github_pat|xox|AIza|sk-|[sr]k_|hf_|npm_|"
    r"pypi-|dapi|SG\.|glpat|sas|sig=|dsn",
    re.IGNORECASE,
)
_SHAPES = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    r"(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,64}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{10,255}"
    r"|eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{8,4000}"
    r"|AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,512}"
    r"|sk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{20,255}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}"
    r"|hf_[A-Za-z0-9]{30,64}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{40,255}|dapi[0-9a-f]{32}"
    r"|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"
    r")(?![A-Za-z0-9_])"
)
# `user:password@` of an address, the password up to the last @ before the path; `{name}` and `$NAME` are no literals.
_ADDRESS = re.compile(r"(://[^\s:/@'\"<>]{0,100}:)([^\s/'\"<>]{1,300})@")
_BEARER = re.compile(r"\b((?:Bearer|Basic|Token)[ ])([A-Za-z0-9+/=._~-]{16,4000})")
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS = re.compile(r"-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# A name, then = or :, then a word: in magics, shell lines, comments and connection strings, where nothing is quoted.
_UNQUOTED = re.compile(
    r"(?<![A-Za-z0-9_.-])((?:--?)?[A-Za-z_][A-Za-z0-9_.-]{0,80})"
    r"([ ]{0,2}[=:][ ]{0,2}|[ ]{1,2})(['\"]?)([^\s'\";,&|]{1,500})"
)
_LITERAL = re.compile(
    r"#[^\n]*"
    r"|(?:'''|\"\"\")"
    r"|'(?:[^'\\\n]|\\.)*+'"
    r'|"(?:[^"\\\n]|\\.)*+"',
    re.DOTALL,
)
_MAGIC_ASSIGNED = re.compile(r"=[ ]{0,3}[!%]")
_SHELL_CELL = re.compile(r"\s{0,20}%%(?:bash|sh|script|cmd|system|sx|writefile|file|sql)\b")
_PREFIX = "rRbBuUfFtT"
_PLACEHOLDER = re.compile(
    r"\*+|x{3,}|\.{3,}|<[^<>]*>|\$\{?\w+\}?|%\(?\w+\)?s?|(?:\{[^{}]*\})+|none|null|true|false", re.IGNORECASE
)
_MIXED = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# What the last word (or two) of a name must be: `token_pattern`, `tokenizer`, `n_tokens` and `password_field` are not.
_SURE = frozenset("password passwd pwd pw passphrase passcode secret secrets credential credentials".split())
_SURE_PAIRS = frozenset(
    "api key,access key,secret key,private key,account key,auth key,encryption key,signing key,shared key,master key,"
    "auth token,access token,refresh token,api token,bearer token,session token,client secret,api secret,db pass,"
    "sas token,secret access,user pass,service key,ssh key,webhook url".split(",")
)
_LIKELY = frozenset("token apikey key auth dsn pat sas sig signature authorization pass tokens".split())


def mask(text: str) -> tuple[str, int]:
    """The text with what looks like a secret replaced by `***`, and how many were.

    >>> mask('api_key = "hunter2"; n = 3')
    ('api_key = "***"; n = 3', 1)
    """
    if not _TRIGGER.search(text):
        return text, 0
    return _masked(text)


def mask_plain(text: str) -> tuple[str, int]:
    """The same for text that is no code (an address, a message, a parameter's value): `pwd=...` needs no quotes there.

    >>> mask_plain("Server=h;Pwd=hunter2")
    ('Server=h;Pwd=***', 1)
    """
    found, count = mask(text)
    found, more = _without_unquoted(found, only="=")
    return found, count + more


def mask_value(name: str, value: Json) -> tuple[Json, int]:
    """A parameter's value without secrets, by its name and by its shape, through lists and objects."""
    if isinstance(value, dict):
        pairs = {str(key): mask_value(str(key), item) for key, item in value.items()}
        return {key: item for key, (item, _) in pairs.items()}, sum(count for _, count in pairs.values())
    if isinstance(value, list):
        items = [mask_value(name, item) for item in value]
        return [item for item, _ in items], sum(count for _, count in items)
    if isinstance(value, str):
        return (MASK, 1) if _is_secret(name, value) else mask_plain(value)
    if isinstance(value, int) and not isinstance(value, bool) and _is_sure(name):
        return MASK, 1  # a PIN is a number
    return value, 0


@lru_cache(maxsize=512)
def _masked(text: str) -> tuple[str, int]:
    text, keys = _without_private_keys(text)
    text, named = _without_named_literals(text)
    text, shapes = _SHAPES.subn(MASK, text)
    text, bearers = _BEARER.subn(rf"\g<1>{MASK}", text)
    text, addresses = _without_passwords(text)
    return text, keys + named + shapes + bearers + addresses


def _without_private_keys(text: str) -> tuple[str, int]:
    """Everything between BEGIN and END replaced; a key that never ends is taken to end with its literal or line."""
    parts: list[str] = []
    position = count = 0
    while begins := _KEY_BEGINS.search(text, position):
        ends = _KEY_ENDS.search(text, begins.end())
        stop = ends.start() if ends else _line_end(text, begins.end())
        parts += [text[position : begins.end()], MASK]
        position, count = stop, count + 1
        if ends is None:
            break  # no END further down either: searching again for each BEGIN would cost a square
    return "".join([*parts, text[position:]]), count


def _line_end(text: str, start: int) -> int:
    ends = [found for mark in "\n'\"" if (found := text.find(mark, start)) >= 0]
    return min(ends, default=len(text))


def _without_passwords(text: str) -> tuple[str, int]:
    count = 0

    def replaced(found: re.Match[str]) -> str:
        nonlocal count
        if _PLACEHOLDER.fullmatch(found[2]):
            return found[0]
        count += 1
        return f"{found[1]}{MASK}@"

    return _ADDRESS.sub(replaced, text), count


def _without_named_literals(text: str) -> tuple[str, int]:
    """String literals given to a secret's name, and unquoted values in magics, comments and connection strings."""
    parts: list[str] = []
    position = count = code_start = 0
    shell = _SHELL_CELL.match(text) is not None
    again = False  # the literal before was masked: one that follows with nothing between is the rest of it
    for start, stop, quote in _literals(text):
        code, found = _without_magic_values(text[code_start:start], all_lines=shell)
        body = text[start + quote : stop - quote]
        between = text[code_start:start].rstrip(_PREFIX).strip()
        if not quote:
            masked_body, more = _without_unquoted(body)
            again = False
        else:
            again = (again and between in ("", "+", "\\")) or _is_given_to_secret(text, start, body)
            masked_body, more = (MASK, 1) if again and body else _without_unquoted(body, only="=")
        parts += [code, text[start : start + quote], masked_body, text[stop - quote : stop] if quote else ""]
        position = code_start = stop
        count += found + more
    tail, found = _without_magic_values(text[position:], all_lines=shell)
    return "".join([*parts, tail]), count + found


def _literals(text: str) -> list[tuple[int, int, int]]:
    """(start, stop, length of the quote) of each string literal and, with quote 0, of each comment."""
    found: list[tuple[int, int, int]] = []
    position = 0
    while match := _LITERAL.search(text, position):
        start, stop = match.span()
        opening = match[0]
        if opening in ("'''", '"""'):
            ends = text.find(opening, stop)
            if ends < 0:
                break
            stop = ends + 3
            found.append((start, stop, 3))
        else:
            found.append((start, stop, 0 if opening[0] == "#" else 1))
        position = stop
    return found


def _is_given_to_secret(text: str, start: int, body: str) -> bool:
    """Whether the name before the literal is a secret's: `name = `, `"name": `, `["name"] = `, `name(`, `"name", `."""
    before = text[max(0, start - 160) : start].rstrip(_PREFIX)
    before = before.rstrip(" \t\n(\\")
    called = text[len(before) + max(0, start - 160) : start].lstrip(" \t").startswith("(")
    if before.endswith(("=", ":", ",")):
        paired = before[-1] == ","
        before = before.rstrip(":=!+,").rstrip(" \t")
        if before.endswith("]"):
            before = before[:-1].rstrip()
        name = _quoted_or_plain_name(before)
        if not name or (paired and before[-1:] not in "'\""):
            return False
        if paired:  # `environ.get("API_KEY", "...")` is one, a list of column names is not
            return _is_secret(name, body) and any(c.isdigit() for c in body) and len(body) >= 6
        return _is_secret(name, body)
    if called:
        name = _quoted_or_plain_name(before)
        return before[-1:] not in "'\"" and bool(name) and _is_secret(name, body) and " " not in body
    return False


def _quoted_or_plain_name(before: str) -> str:
    if before[-1:] in ("'", '"'):
        opens = before.rfind(before[-1], 0, -1)
        return before[opens + 1 : -1] if opens >= 0 else ""
    # `password: str = "..."`: the name stands before the annotation
    head, colon, annotation = before.rpartition(":")
    if colon and re.fullmatch(r"[ ]{0,3}[\w.\[\] |]{1,40}", annotation) and re.search(r"\w[ ]{0,3}$", head):
        before = head.rstrip()
    found = re.search(r"[A-Za-z_][\w.]{0,80}$", before[-82:])
    return found[0] if found else ""


def _without_magic_values(code: str, *, all_lines: bool = False) -> tuple[str, int]:
    """`%env TOKEN=abc` and `!curl -H token:abc`: on such lines nothing needs quotes."""
    if not all_lines and "%" not in code and "!" not in code:
        return code, 0
    count = 0
    lines = code.split("\n")
    for index, line in enumerate(lines):
        if all_lines or line.lstrip().startswith(("%", "!")) or _MAGIC_ASSIGNED.search(line):
            lines[index], found = _without_unquoted(line)
            count += found
    return "\n".join(lines), count


def _without_unquoted(text: str, *, only: str = "=: ") -> tuple[str, int]:
    """The values behind secret names replaced; `only` are the signs that may stand between the two."""
    if not _TRIGGER.search(text):
        return text, 0
    parts: list[str] = []
    position = copied = count = 0
    is_env = text.lstrip().startswith(("%env", "%set_env"))
    while found := _UNQUOTED.search(text, position):
        name, between, _, value = found.groups()
        sign = between.strip() or " "
        may = sign in only and (sign != " " or name.startswith("-") or is_env) and (only != "=" or between == "=")
        if may and (_is_secret(name, value) or (is_env and between == "=" and _is_likely(name))):
            parts += [text[copied : found.start(4)], MASK]
            position = copied = found.end()
            count += 1
        else:
            position = found.end(1)  # the value may be the next name: `%env TOKEN=abc`
    return "".join([*parts, text[copied:]]), count


def _is_secret(name: str, value: str) -> bool:
    """Whether a value of this name is a secret, and not a label, a place-holder or a variable's name."""
    if not value or _PLACEHOLDER.fullmatch(value):
        return False
    if _is_sure(name):
        return True
    if not _is_likely(name) or any(character.isspace() for character in value):
        return False
    if _words(name)[-1] == "token":  # not the tokens of a text: those are words
        return len(value) >= 8 and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return _looks_random(value)


def _is_likely(name: str) -> bool:
    words = _words(name)
    return bool(words) and words[-1] in _LIKELY


def _is_sure(name: str) -> bool:
    words = _words(name)
    if not words:
        return False
    # `sslpassword` of PostgreSQL's addresses is one word
    return words[-1] in _SURE or words[-1].endswith(("password", "passwd")) or " ".join(words[-2:]) in _SURE_PAIRS


def _words(name: str) -> list[str]:
    """`dbPassword2` and `DB_PASSWORD` are the words db, password."""
    words = [word.lower() for word in _WORDS.findall(name[-80:])]
    return [word for word in words if not word.isdigit()]


def _looks_random(value: str) -> bool:
    """Long, letters and digits mixed as keys mix them, and at least 2.5 bits of Shannon entropy a character.

    `order_id_2013` and `RandomForest100` change between letters and digits once or twice, a key all the time.
    """
    if len(value) < 12:
        return False
    head = value[:200]
    counts = [head.count(character) / len(head) for character in set(head)]
    return len(_MIXED.findall(head)) >= 3 and -sum(share * math.log2(share) for share in counts) >= 2.5
