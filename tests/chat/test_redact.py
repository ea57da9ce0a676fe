"""What is taken for a secret, and what is not."""

from __future__ import annotations

import pytest

from wfsim.chat.redact import Redactor

ALWAYS = [
    ("the key sk-proj-abcDEF1234567890", "the key [redacted]"),
    ("ghp_abcdefghij1234567890", "[redacted]"),
    ("AIzaSyA1234567890abcdef", "[redacted]"),
    ("Authorization: Bearer abc.def-ghi_jk1", "Authorization: Bearer [redacted]"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s1gn", "[redacted]"),
    (
        "Endpoint=https://x.example/;AccountKey=abc+def/ghi==;Table=t",
        "Endpoint=https://x.example/;AccountKey=[redacted];Table=t",
    ),
    ("postgres://ann:hunter2@db.example/x", "postgres://[redacted]@db.example/x"),
    ("https://x.example/f?code=abc123&n=1", "https://x.example/f?code=[redacted]&n=1"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----", "[redacted]"),
]
IN_ERRORS = [
    ("Incorrect API key provided: abc***xyz.", "Incorrect API key provided: [redacted]"),
    ("{'x-api-key': 'abc', 'n': 1}", "{'x-api-key': '[redacted]', 'n': 1}"),
    ('{"client_secret":"abc"}', '{"client_secret":"[redacted]"}'),
    ("password=hunter2; user=ann", "password=[redacted]; user=ann"),
    ("Authorization: abc", "Authorization: [redacted]"),
    ("request id 8f3e9a1b-0c2d-4e5f-8a9b-0c1d2e3f4a5b", "request id [redacted]"),
    ("deployment d41d8cd98f00b204e9800998ecf8427e failed", "deployment [redacted] failed"),
]
HARMLESS = [
    "A basic understanding of bearer instruments helps.",
    "It is sunny in Oslo, 22 degrees.",
    "The token limit is 4096; the monkey key is on the key ring.",
    "https://example.org/a?page=2",
    "Internationalization-and-localization is a long word without digits",
    '{"city": "Oslo", "unit": "celsius"}',
]


@pytest.mark.parametrize(("text", "left"), ALWAYS)
def test_keys_are_never_written(text: str, left: str) -> None:
    """What has the form of a key goes, in answers and in errors."""
    redactor = Redactor({})
    assert redactor.text(text) == left
    assert "hunter2" not in redactor.error(text)
    assert redactor.data({"a": [text, 1, None]}) == {"a": [left, 1, None]}


@pytest.mark.parametrize(("text", "left"), IN_ERRORS)
def test_errors_are_searched_more_closely(text: str, left: str) -> None:
    """In errors, what goes by a secret's name goes too, and whatever is long and random."""
    redactor = Redactor({})
    assert redactor.error(text) == left
    assert redactor.text(text) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_words_stay(text: str) -> None:
    """Ordinary text is not touched."""
    redactor = Redactor({})
    assert redactor.text(text) == redactor.error(text) == text


def test_values_of_the_environment() -> None:
    """Variables with a secret's name are secret, the longest first; short ones are no secret."""
    names = {
        "APP_TOKEN": "tulips12",
        "DB_PASSWORD": "tulips12345",
        "SHORT_KEY": "a",
        "PATH": "/usr/bin",
        "PWD": "/srv/here",
    }
    assert Redactor(names).text("tulips12345 tulips12 a /usr/bin /srv/here") == (
        "[redacted] [redacted] a /usr/bin /srv/here"
    )
