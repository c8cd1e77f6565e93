"""Write a ledger of seven hundred bookings, with styles and formulas, to a spreadsheet."""

import datetime
import io

import xlwt

BOOKINGS = 700


def workload():
    """Return the file's bytes."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("2024")
    bold = xlwt.easyxf("font: bold on; align: horiz center")
    money = xlwt.easyxf(num_format_str="#,##0.00")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for column, title in enumerate(("day", "account", "text", "debit", "credit", "balance")):
        sheet.write(0, column, title, bold)
    start = datetime.date(2024, 1, 1)
    for row in range(1, BOOKINGS + 1):
        sheet.write(row, 0, start + datetime.timedelta(days=row // 6), day)
        sheet.write(row, 1, 4000 + row % 37)
        sheet.write(row, 2, f"invoice {row:05d} of customer {row % 113}")
        sheet.write(row, 3, (row * 7919 % 100_000) / 100, money)
        sheet.write(row, 4, (row * 104729 % 100_000) / 100, money)
        above = f"F{row}+" if row > 1 else ""
        sheet.write(row, 5, xlwt.Formula(f"{above}D{row + 1}-E{row + 1}"), money)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
