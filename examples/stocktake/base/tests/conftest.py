from datetime import datetime, timedelta

import pytest

from stocktake import Catalog, Inventory

CATALOG = """\
sku,description,category,price,packs
bolt-m6-20,"Hex bolt M6, zn, 20 mm",fixings,18,1/25/100
bolt-m8-40,Hex bolt M8 ss 40 mm,fixings,42,1/25/100
wshr-m6,Pln wshr for M6,fixings,3,100
hinge-75,Brs hinge 75 mm,hardware,310,2
seal-12,Gskt for 12 mm flg,seals,95,5/8
"""


@pytest.fixture
def catalog():
    return Catalog.from_csv(CATALOG)


@pytest.fixture
def inventory():
    """Two lots of bolts in A-01, one in A-02, and hinges."""
    start = datetime(2024, 3, 4, 8)
    stock = Inventory()
    stock.receive("BOLT-M6-20", "A-01", 100, 11, start + timedelta(days=1))
    stock.receive("BOLT-M6-20", "A-01", 50, 9, start)
    stock.receive("BOLT-M6-20", "A-02", 30, 12, start + timedelta(days=2))
    stock.receive("HINGE-75", "B-04", 8, 205, start)
    return stock
