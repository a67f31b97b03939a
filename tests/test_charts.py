"""Charts show the numbers of their tables, and change nothing."""

import sys

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import linkgap as lg
from linkgap.charts import COLOURS
from linkgap.errors import InvalidArgumentError, MissingLibraryError

RATES = pd.DataFrame({"rivals_linked": [1, 2], "candidates": [90, 10], "links": [9, 4], "hit_rate": [0.1, 0.4]})


@pytest.fixture
def curve() -> pd.DataFrame:
    places = np.arange(1, 101)
    methods = ["by lot", "likelihood"]
    return pd.concat(
        [
            pd.DataFrame(
                {"method": name, "k": places, "precision": rate / places, "low": 0.1 / places, "high": 0.9 / places}
            )
            for name, rate in zip(methods, (0.2, 0.5), strict=True)
        ],
        ignore_index=True,
    )


def test_a_line_a_method_and_the_band_of_ours(curve):
    before = curve.copy()
    figure = lg.draw_precision(curve)
    assert_frame_equal(curve, before)
    lines = {line.name: line for line in figure.data if line.name}
    assert list(lines) == ["by lot", "likelihood"]
    for name, line in lines.items():
        assert list(line.y) == curve.loc[curve["method"] == name, "precision"].tolist()
        assert line.line.color == COLOURS[name]
    band = [line for line in figure.data if not line.name]
    ours = curve[curve["method"] == "likelihood"]
    assert [list(edge.y) for edge in band] == [ours["high"].tolist(), ours["low"].tolist()]


def test_without_intervals_there_is_no_band(curve):
    figure = lg.draw_precision(curve.assign(low=np.nan, high=np.nan))
    assert all(line.name for line in figure.data)


def test_a_bar_a_number_of_rivals():
    before = RATES.copy()
    bars = lg.draw_hit_rates(RATES).data[0]
    assert_frame_equal(before, RATES)
    assert list(bars.x) == [1, 2]
    assert list(bars.y) == [0.1, 0.4]
    assert [list(each) for each in bars.customdata] == [[9, 90], [4, 10]]


@pytest.mark.parametrize("draw", [lg.draw_precision, lg.draw_hit_rates])
@pytest.mark.parametrize("table", [pd.DataFrame({"domain": []}), None, 3])
def test_other_tables_are_refused(draw, table):
    with pytest.raises(InvalidArgumentError, match=r"^The table has no column .*\. Allowed: .* lg\.backtest\(gap\)"):
        draw(table)


def test_without_plotly_the_next_step_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(MissingLibraryError, match=r'^Charts need plotly, .* pip install "linkgap\[lab\]"'):
        lg.draw_hit_rates(RATES)
