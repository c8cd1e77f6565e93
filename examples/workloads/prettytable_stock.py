"""Print a stock list as a boxed table, and as HTML."""

from prettytable import PrettyTable

ROWS = 900


def workload():
    """Return the sorted table as text and as HTML."""
    table = PrettyTable(["part", "stock", "price", "place"])
    table.align["part"] = "l"
    table.float_format = ".2"
    for number in range(ROWS):
        price = number * 104729 % 100_000 / 100
        table.add_row([f"part {number:04d}", number * 7919 % 500, price, f"shelf {number % 17}"])
    text = table.get_string(sortby="stock")
    return text, table.get_html_string(attributes={"class": "stock"})
