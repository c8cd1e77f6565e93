"""Render a catalogue's page from an XML template."""

from genshi.template import MarkupTemplate

TEMPLATE = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:py="http://genshi.edgewall.org/">
<head><title>$title</title></head>
<body>
<h1>$title</h1>
<table><tr py:for="item in items" class="${item.stock and 'there' or 'gone'}">
<td>$item.name</td><td py:if="item.stock">${'%.2f' % item.price}</td>
<td py:choose=""><b py:when="item.price &gt; 50">dear</b><i py:otherwise="">cheap</i></td>
<td><ul><li py:for="tag in item.tags" py:content="tag"/></ul></td></tr></table>
</body></html>"""


class Item:
    """What is sold."""

    def __init__(self, number):
        self.name, self.price, self.stock = f"item <{number}> & more", number * 97 % 100, number % 4
        self.tags = [f"tag{number % each}" for each in (2, 3, 5)]


def setup():
    """Make the template and the items."""
    global template, items
    template = MarkupTemplate(TEMPLATE)
    items = [Item(number) for number in range(900)]


def workload():
    """Return the page."""
    return template.generate(title="Catalogue", items=items).render("xhtml")
