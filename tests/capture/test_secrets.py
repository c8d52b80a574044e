"""What is masked, what is left as it is, and that the time grows with the length only. All secrets here are made up."""

from __future__ import annotations

import ast
import time

import pytest

from nb_mlops.capture.secrets import mask, mask_value

CANARY = "c4nary9Zq7Kx2Wv8"
HIDDEN = [
    f'password = "{CANARY}"',
    f"db_passwd: str = '{CANARY}'",
    f'connect(user="ada", password="{CANARY}")',
    f'settings = {{"api_key": "{CANARY}", "n": 3}}',
    f'os.environ["MY_TOKEN"] = "{CANARY}"',
    f'os.environ.setdefault("API_KEY", "{CANARY}")',
    f'key = os.getenv("SERVICE_SECRET", "{CANARY}")',
    f'if password == "{CANARY}": pass',
    f'client.set_password("{CANARY}")',
    f'secret = (\n    "{CANARY}"\n    "more{CANARY}"\n)',
    f'passphrase = "{CANARY}" + "{CANARY}"',
    f'PASSWORD = """{CANARY}\n{CANARY}"""',
    f"token = b'{CANARY}'",
    f'clientSecret = r"{CANARY}"',
    f'password =\\\n    "{CANARY}"',
    f'dbPassword2 = f"{CANARY}{{x}}"',
    f"engine = create('postgresql://ada:{CANARY}@host/db')",
    f"url = 'mongodb+srv://ada:{CANARY}@a@host/db'",
    f"dsn = 'Server=h;Database=d;Pwd={CANARY};Timeout=3'",
    f"headers = {{'Authorization': 'Bearer {CANARY}'}}",
    f"x = 1  # password: {CANARY}",
    f"%env API_KEY={CANARY}",
    f"%env DB_PASSWORD {CANARY}",
    f"%set_env MY_TOKEN={CANARY}",
    f"!curl --token {CANARY} https://host.example",
    f"x = !login --password={CANARY}",
    f"%%bash\nexport AWS_SECRET_ACCESS_KEY={CANARY}\necho done",
    f"%sql postgresql://ada:{CANARY}@host/db",
]
SHAPES = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2c3" * 5,
    "xoxb-123456789012-abcdefABCDEF",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "AIza" + "Sy0" * 11 + "ab",
    "sk-proj-" + "a1B2" * 8,
    "hf_" + "aB" * 17,
    "sk_live_" + "a1B2" * 6,
    "glpat-" + "a1B2c" * 4,
]
ORDINARY = [
    'tokenizer = "word"',
    'vectorizer = TfidfVectorizer(token_pattern=r"(?u)\\b\\w\\w+\\b", tokenizer=str.split)',
    "max_tokens = 10; n_tokens = [1, 2]",
    'token = "the"',
    'for token in tokens: print(token, "token:", key)',
    'key = "customer_id"; merged = a.merge(b, on="key", right_on="primary_key")',
    'primary_key = "order_id_2013_flights"',
    'model_key = "RandomForestClassifier100"',
    "password = os.environ['DB_PASSWORD']",
    'password = getpass("Password: ")',
    "connect(password=password, token=token)",
    'columns = ["password", "token", "secret", "user"]',
    'df = df.drop(columns=["password_hash"]); df["key"] = "AB"',
    'url = "https://example.org:8080/a@b?x=1"',
    'remote = "git@host.example:team/r.git"',
    'engine = create(f"postgresql://{user}:{password}@{host}/db")',
    'password = ""; token = None; secret = "***"; api_key = "<your key>"; pwd = "${PWD}"',
    '"""Returns the key: value pairs of a token."""',
    "x = sorted(pairs, key=lambda pair: pair[1])  # the key is the second",
    'passed = "yes"; bypass = "no"; compass = "north"; author = "ada lovelace"; authors = ["x"]',
    'df.query("token == 3 and passengers = 5")',
    "digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
    "secretary = 'bob'; secret_santa = 'eve'; password_field = 'pw_column'",
    "skew = risk - 3; ask_price = 'sk-1'; desk = 'hf_x'",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_secret_behind_a_name_is_masked_and_the_code_can_still_be_read(text: str) -> None:
    found, count = mask(text)
    assert CANARY not in found
    assert count >= 1
    assert found.count("\n") <= text.count("\n")
    if not text.startswith(("%", "!")) and "!" not in text:
        ast.parse(text)
        ast.parse(found)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_secrets_shape_is_masked_wherever_it_stands(shape: str) -> None:
    for text in (f"x = '{shape}'", f"# see {shape}", f"call({shape!r}, 3)", f"https://host/?k={shape}"):
        assert shape not in mask(text)[0]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_code_stays_as_it_was_typed(text: str) -> None:
    assert mask(text) == (text, 0)


def test_a_private_key_is_masked_with_and_without_its_end() -> None:
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n{CANARY}\n-----END RSA PRIVATE KEY-----"
    assert CANARY not in mask(f'k = """{key}"""')[0]
    assert CANARY not in mask(f"k = '-----BEGIN PRIVATE KEY-----{CANARY}'")[0]
    ast.parse(mask(f'k = """{key}"""')[0])


def test_masking_again_changes_nothing() -> None:
    for text in HIDDEN:
        once = mask(text)[0]
        assert mask(once)[0] == once


def test_the_masks_are_counted() -> None:
    assert mask('password = "a"; secret = "b"; n = "c"') == ('password = "***"; secret = "***"; n = "c"', 2)


def test_a_parameters_value_is_masked_through_lists_and_objects() -> None:
    assert mask_value("password", ["a", "b"]) == (["***", "***"], 2)
    assert mask_value("options", {"token": CANARY, "n": 3, "deep": [{"secret": "x"}]}) == (
        {"token": "***", "n": 3, "deep": [{"secret": "***"}]},
        2,
    )
    assert mask_value("n_estimators", 100) == (100, 0)
    assert mask_value("passcode", 1234) == ("***", 1)


EXPLODING = [
    "password = ",
    "'",
    '"',
    "'''",
    "://a:",
    "eyJ",
    "eyJaaaaaaaaa.",
    "-----BEGIN PRIVATE KEY-----",
    " password",
    "token ",
    "password='\\",
    "%a.-",
    "%env key\n",
    "#token",
    "'token', ",
    "password=(",
    "secret_",
    "key=a.",
    "{password",
    "Bearer ",
    "password:str|",
    "%password=%",
    "a=!",
]


@pytest.mark.parametrize("part", EXPLODING)
def test_the_time_grows_no_faster_than_the_length(part: str) -> None:
    def seconds(length: int) -> float:
        text = "password " + part * (length // len(part))
        started = time.process_time()
        mask(text)
        return time.process_time() - started

    assert seconds(160_000) < 10 * seconds(40_000) + 0.1  # a square would cost 16 times as much
