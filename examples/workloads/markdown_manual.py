"""Convert a manual of a hundred sections, with tables, code, lists and footnotes, to HTML."""

import markdown

SECTION = """
## Section {n}: handling *parcels* {{#s{n}}}

A paragraph with **strong** words, `code`, a [link](https://example.org/{n} "title"), an
![image](img{n}.png), and a footnote[^f{n}]. It goes on, as paragraphs do, for a while.

* first item with `code`
* second item
    1. nested one
    2. nested two

| part | price | stock |
|------|------:|:-----:|
| bolt | {n}.20 | 14 |
| nut  | {n}.05 | 90 |

```python
def parcel_{n}(weight):
    return weight * {n}
```

> A quotation,
> over two lines.

[^f{n}]: The note of section {n}.
"""


def setup():
    """Write the manual."""
    global text
    text = "# Manual\n\n[TOC]\n" + "".join(SECTION.format(n=n) for n in range(1, 61))


def workload():
    """Return its HTML."""
    return markdown.markdown(text, extensions=["extra", "toc", "sane_lists"])
