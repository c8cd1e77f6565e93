"""Convert a manual of thirty sections to HTML and to reStructuredText."""

import commonmark

SECTION = """
## Section {n}: handling *parcels*

A paragraph with **strong** words, `code`, a [link](https://example.org/a%20b?n={n} "title"), an
![image](img{n}.png), and <b>markup</b>. It goes on, as paragraphs do, for a while &amp; more.

* first item with `code`
* second item
    1. nested one
    2. nested two

```python
def parcel_{n}(weight):
    return weight * {n}
```

> A quotation,
> over two lines.

[ref{n}]: https://example.org/{n}
"""


def setup():
    """Write the manual."""
    global text
    text = "# Manual\n" + "".join(SECTION.format(n=n) for n in range(1, 31))


def workload():
    """Return its HTML and its reStructuredText."""
    return commonmark.commonmark(text), commonmark.commonmark(text, format="rst")
