"""What nobody expects to be sent, for Hypothesis: text, articles, and JSON that is nearly right.

`BAD_INPUTS=2000 pytest tests/api/test_bad_input.py` tries that many of each sort instead of a few, never the same ones;
so do `tests/api/test_bad_jobs.py` and `tests/queue/test_bad_messages.py`.
"""

import json
import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

MANY = int(os.environ.get("BAD_INPUTS", "0"))

bounded = settings(
    max_examples=MANY or 40,
    deadline=None,
    derandomize=not MANY,
    database=None,
    suppress_health_check=list(HealthCheck),
)

PIECES = [
    *(
        "a",
        "Ann Lee said ",
        "said that ",
        "talks with Iran ",
        "sanctions on ",
        "killed 5 ",
        "on 3 May 2026 ",
        "last year ",
    ),
    *('"', "“", "”", "„", "«", "»", "‘", "’", "「", "」", "'", "(", "[1] ", "END", "Q1 ", "Q99999999999 "),
    *(".", ". ", "!” ", "?", "…", ";", ": ", ", ", " — ", "\n", "\r", "\r\n\r\n", "\t", "\u2028", "\x0b", "\x85"),
    *("\x00", "\x7f", "\ufeff", "\u200b", "\u200f", "\u202e", "\u2066", "\u0301", "\ufe0f", "\U000e0001", "\ue000"),
    *(
        "\ud800",
        "\udfff",
        "\ud83d\ude00",
        "👩\u200d👩",
        "ß",
        "İ",
        "ı",
        "ﬁ",
        "Ǆ",
        "汉。",
        "ไทย",
        "العربية ",
        "सच। ",
        "Київ ",
    ),
    *("0", "9" * 400, "1,000.5 ", "1e999", "٣", "½", "Ⅷ", "12/13/14", "U.S. ", "DOHA (AP) — ", "pro-", "gulf of "),
]
texts = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=60),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map("".join),
    st.tuples(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join), st.integers(1, 300)).map(
        lambda made: made[0] * made[1]
    ),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)
dates = st.one_of(
    st.dates().map(str),
    st.datetimes().map(lambda time: time.isoformat()),
    st.sampled_from(
        ["0000-01-01", "9999-12-31", "2026-02-30", "2026-1-1", "20260101", "2026-01-01T24:00:00Z", "٢٠٢٦-٠١-٠١"]
    ),
    st.sampled_from(
        ["0001-01-01", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00+99:99", ""]
    ),
)
languages = st.one_of(
    st.from_regex(r"\A[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}\Z"),
    st.sampled_from(["en", "uk", "RU", "tr", "de-AT", "zho", "xx", "qqq", "x-a", "C", "en-", "ZH_hant_TW"]),
)
articles = st.fixed_dictionaries(
    {"text": texts}, optional={"published_at": dates, "language": languages, "title": texts, "id": texts, "url": texts}
)

kinds = st.lists(st.sampled_from(["negotiations", "sanctions", "weather", "\ud800"]), max_size=3)
orders = st.fixed_dictionaries(
    {"article": articles | documents},
    optional={
        "kinds": kinds | documents,
        "deadline_seconds": st.floats() | st.integers() | documents,
        "reuse": st.booleans() | documents,
        "callback_url": st.sampled_from(["https://example.org/hook", "http://[", "ftp://example.org"]) | documents,
        "reply_to": texts | documents,
        "id": st.from_regex(r"\A[A-Za-z0-9._:-]{1,100}\Z") | documents,
    },
)
"""What looks like a job, or nearly so."""
GOOD = b'{"article": {"text": "The envoys met."}, "kinds": ["negotiations"]}'
BAD = [
    *(b"{", b"nul", b"\x00", b"\xff\xfe{}", b"\xef\xbb\xbf", b"[]", b"1e999", b"NaN", b'"\\ud800"', b"\xed\xa0\x80"),
    *(b"[" * 50_000, b'{"a":' * 20_000 + b"1" + b"}" * 20_000, b"9" * 5_000, GOOD + GOOD, GOOD[:-1], b"\x00" + GOOD),
    *(b'{"article": {"text": "a", "text": "b"}, "text": 1}', b'{"article": {"text": "\\ud800"}}'),
    *(
        b'{"article": {"text": "a"}, "deadline_seconds": ' + one + b"}"
        for one in (b"1e999", b"-1", b"NaN", b"9" * 5_000)
    ),
    b'{"article": {"text": "' + b"a" * 300_000 + b'"}, "no": 1}',
]
"""What nobody can take for a job, in bytes that no JSON library writes."""
written = st.one_of(
    st.binary(max_size=80),
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.builds(
        lambda made, plain: json.dumps(made, ensure_ascii=plain).encode("utf-8", "surrogatepass"),
        orders | documents,
        st.booleans(),
    ),
    st.sampled_from(BAD),
)
"""Bytes that may be a job."""
