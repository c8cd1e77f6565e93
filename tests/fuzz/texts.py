"""Texts that look like what an attacker, a careless user or a model writes."""

from __future__ import annotations

from hypothesis import strategies as st

HOSTILE_PATHS = (
    *("f.py", "pkg/g.py", "pkg/new.py", "my file.py", "naïve.py", "a/b", "x b/x", "b/b", "pkg"),
    *("../out", "pkg/../../out", "/etc/passwd", "//x", "./f.py", "pkg//g.py", "", ".", "pkg/"),
    *(".git/config", ".GIT/hooks/x", "pkg/.git/x", ".git./x", "git~1/x", "GIT~2/x", ".git"),
    *(".g\u200cit/x", "\uff0egit/x", ".git::$INDEX_ALLOCATION/x", ".git\\x", "a\\..\\b"),
    *("link", "link/x", "out/x", "out", "folder/g.py", "sub", "sub/x", "f.py/x", "~/x", "C:/x"),
    *("x\ty", "x\ny", "x\0y", "x\u202ey", '"f.py"', "f.py ", " f.py", "-x", "--output=x", ":x"),
    *(":(top)x", "*.py", "tests/test_x.py", "setup.py", ".github/x.yml", "é" * 200, "x/" * 300),
    *("/dev/null", "dev/null", "CON", "nul\udcff.py", "d{a => b}/x", "a => b"),
)
paths = st.sampled_from(HOSTILE_PATHS) | st.text(max_size=12)

_ALPHABET = st.characters(codec="utf-8") | st.sampled_from("\0\t\r\x0b\x0c\x85\u2028\ufeff\udcff")
words = st.text(_ALPHABET, max_size=15)


def mixed(pieces: tuple[str, ...], *, joined: str, most: int) -> st.SearchStrategy[str]:
    """Return texts of the pieces, hostile paths and arbitrary words, in any order."""
    return st.lists(st.sampled_from(pieces) | paths | words, max_size=most).map(joined.join)
