import pytest

from stocktake import Catalog, ParseError, StockError
from stocktake.catalog import spell_out

HEADING = "sku,description,category,price,packs\n"


def test_products_keep_their_order_and_get_upper_case_skus(catalog):
    assert [product.sku for product in catalog][:2] == ["BOLT-M6-20", "BOLT-M8-40"]
    assert len(catalog) == 5


def test_product_is_found_by_sku(catalog):
    assert catalog["HINGE-75"].list_price == 310
    assert catalog["SEAL-12"].pack_sizes == (5, 8)
    assert "HINGE-75" in catalog


def test_unknown_sku_is_an_error(catalog):
    assert "NAIL" not in catalog
    with pytest.raises(StockError, match="NAIL"):
        catalog["NAIL"]


def test_sku_used_twice_is_refused(catalog):
    with pytest.raises(StockError, match="twice"):
        catalog.add(catalog["HINGE-75"])


def test_products_may_be_added_while_walking_over_them(catalog):
    for product in catalog:
        catalog.add(type(product)(product.sku + "-B", "", "spares", 1))
    assert len(catalog) == 10


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("Hex bolt", "hexagonal bolt"),
        ("bolt, zn", "bolt, zinc"),
        ("wshr (ss)", "washer (stainless steel)"),
        ("HD GSKT", "heavy duty gasket"),
        ("hexed bolts", "hexed bolts"),
        ("  two   spaces ", "two spaces"),
    ],
)
def test_abbreviations_are_spelled_out(text, full):
    assert spell_out(text) == full


def test_categories_are_sorted(catalog):
    assert catalog.categories() == ["fixings", "hardware", "seals"]


@pytest.mark.parametrize("row", ["A,x,y,cheap,1", "A,x,y,10,1/b", "A,x,y,10,0", "A,x,y,10,"])
def test_bad_product_is_refused_with_its_line(row):
    with pytest.raises(ParseError, match="line 2"):
        Catalog.from_csv(HEADING + row)
