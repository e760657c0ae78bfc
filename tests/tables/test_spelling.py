"""How text spells numbers: what is read, what is refused with its cure, and what is no number."""

import json
import re

import numpy as np
import pytest

from rectinet.errors import InputError, SettingError, StorageError
from rectinet.tables import Notation, Table, columns_from_values, fit_columns, read_table
from rectinet.tables.spelling import Odd, Spelling, spelling_of


def judged(texts, **notation):
    return spelling_of(dict.fromkeys(texts), Notation(**notation))


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["10.98", "2", ".5", "5."], [10.98, 2, 0.5, 5]),
        ([" 5 ", "+5", "1e3", "1.5E-2"], [5, 5, 1000, 0.015]),
        (["\u00a05", "6\u202f", "\u20097"], [5, 6, 7]),
        (["−5", "–6", "- 7"], [-5, -6, -7]),
        (["１２", "３．５"], [12, 3.5]),
        (["12%", "3.5 %", "-1%"], [12, 3.5, -1]),
        (["5 kg", "7.5kg", "6\u00a0kg"], [5, 7.5, 6]),
        (["$5.00", "-$3", "$-2", "$ 1"], [5, -3, -2, 1]),
        (["5 €", "7.50€"], [5, 7.5]),
        (["EUR 5", "EUR 7.5"], [5, 7.5]),
        (["Rs.500", "Rs. 20"], [500, 20]),
        (["16GB", "32GB"], [16, 32]),
        (["50 m2", "60 m2"], [50, 60]),
        (["100 km/h", "80 km/h"], [100, 80]),
        (["1.5 years", "2 years"], [1.5, 2]),
        ([f"{n} years" for n in range(21)], list(range(21))),
    ],
)
def test_what_is_clear_is_read(texts, numbers):
    spelling = judged(texts)
    assert isinstance(spelling, Spelling)
    assert [spelling.number(text) for text in texts] == numbers


@pytest.mark.parametrize(
    "texts",
    [
        ["A1", "B2"],
        ["4 doors", "2 doors"],
        ["4 doors", "NA"],
        ["size 7-9", "size 10-12"],
        ["AB1 2CD", "K1A 0B1"],
        ["1.2.3", "1.10.0"],
        ["10-20", "21-30"],
        ["555-1234", "555-0100"],
        ["+49 30 12345", "+49 89 1234"],
        ["1", "2", "3", "4+"],
        ["007", "012"],
        ["01234", "98101"],
        ["10.0.0.1", "10.0.0.2"],
        ["5'10", "6'02"],
        ["1st", "2nd"],
        ["2XL", "3XL"],
        ["4WD", "2WD"],
        ["10 years", "1 year"],
        ["1.6 TDI", "2.0 TFSI"],
        ["1/2", "3"],
        ["1,2,3", "2"],
        ["52.5, 13.4", "48.1, 11.6"],
        ["0x1F", "0x2F"],
        ["12345-6789", "12345"],
        ["5 pm", "7 pm"],
        ["110 00", "123 45"],
        ["None", "Some"],
        ["NA", "-"],
        ["+", "-"],
    ],
)
def test_categories_with_digits_stay_categories(texts):
    assert judged(texts) is None


@pytest.mark.parametrize(
    ("texts", "odd", "cure"),
    [
        (["10,98", "3"], "10,98", "--decimal ,"),
        (["3", ",5"], ",5", "--decimal ,"),
        (["1,5E+03", "2"], "1,5E+03", "--decimal ,"),
        (["1,234", "9"], "1,234", "--thousands , or --decimal ,"),
        (["1,234", "12,345,678"], "12,345,678", "--thousands ,"),
        (["1,234", "10,98"], "10,98", "--decimal ,"),
        (["1.234,56", "2,5"], "1.234,56", "--thousands . --decimal ,"),
        (["1,234.56", "5.10"], "1,234.56", "--thousands ,"),
        (["1.234.567", "2"], "1.234.567", "--thousands ."),
        (["$1,500.00", "$2"], "$1,500.00", "--thousands ,"),
        (["1'234", "5"], "1'234", '--thousands "\'"'),
        (["1’234", "5"], "1’234", '--thousands "\'"'),
        (["1 234", "5"], "1 234", "--thousands ' '"),
        (["1\u00a0234", "5"], "1\u00a0234", "--thousands ' '"),
        (["1_000", "5"], "1_000", "--thousands _"),
        (["1,23,456", "5"], "1,23,456", "--thousands ,"),
        (["12%", "13"], "13", ""),
        (["5 kg", "500 g"], "500 g", ""),
        (["500GB", "1TB"], "1TB", ""),
        (["1.2M", "500K"], "500K", ""),
        (["5 EUR", "EUR 5"], "EUR 5", ""),
        (["(5.00)", "3"], "(5.00)", ""),
        (["5-", "3"], "5-", ""),
        (["1", "2", "NA"], "NA", "--missing NA"),
        (["1.5", "?"], "?", "--missing '?'"),
        (["1", "-"], "-", "--missing=-"),
        (["1", "n/a"], "n/a", "--missing n/a"),
        (["1", "#N/A"], "#N/A", "--missing '#N/A'"),
        (["5 kg", "null"], "null", "--missing null"),
        (["2", "NaN", "None"], "NaN", "--missing NaN"),
    ],
)
def test_what_is_not_clear_is_refused_with_its_cure(texts, odd, cure):
    found = judged(texts)
    assert isinstance(found, Odd)
    assert (found.text, found.cure) == (odd, cure)


@pytest.mark.parametrize(
    ("texts", "notation", "numbers"),
    [
        (["10,98", "3"], {"decimal": ","}, [10.98, 3]),
        (["1,234", "0,5"], {"decimal": ","}, [1.234, 0.5]),
        (["1,234", "1,234.5"], {"thousands": ","}, [1234, 1234.5]),
        (["1,23,456", "5"], {"thousands": ","}, [123456, 5]),
        (["1.234,56", "2,5"], {"thousands": "."}, [1234.56, 2.5]),
        (["1.234", "5678"], {"thousands": "."}, [1234, 5678]),
        (["1 234", "1\u00a0234,5"], {"thousands": " ", "decimal": ","}, [1234, 1234.5]),
        (["1'234.5", "1’234"], {"thousands": "'"}, [1234.5, 1234]),
        (["1.234,50 €", "2 €"], {"thousands": ".", "decimal": ","}, [1234.5, 2]),
    ],
)
def test_marks_that_were_said(texts, notation, numbers):
    spelling = judged(texts, **notation)
    assert isinstance(spelling, Spelling)
    assert [spelling.number(text) for text in texts] == numbers


@pytest.mark.parametrize(
    ("texts", "notation", "odd"),
    [
        (["0.5", "1,5"], {"decimal": ","}, "0.5"),
        (["1,23", "1,234"], {"thousands": ","}, "1,23"),
        (["1,234", "10.98"], {"thousands": "."}, "10.98"),
    ],
)
def test_marks_that_do_not_fit_what_was_said(texts, notation, odd):
    found = judged(texts, **notation)
    assert isinstance(found, Odd)
    assert found.text == odd


@pytest.mark.parametrize(
    ("notation", "problem"),
    [
        ({"decimal": "x"}, "decimal is 'x'; use '.' or ','"),
        ({"decimal": ""}, "decimal is ''"),
        ({"thousands": "-"}, "thousands is '-'; use one of"),
        ({"decimal": ",", "thousands": ","}, "are both ','"),
    ],
)
def test_marks_that_are_none(notation, problem, raises_one_line):
    with raises_one_line(SettingError, problem):
        Notation(**notation)


def test_value_row_column_and_cure_are_named_for_all_columns_at_once(table, raises_one_line):
    data = table(size=["1", "10,98", "3"], age=["4", "5", "NA"], n=[1, 2, 3])
    with raises_one_line(
        InputError,
        r"'size' holds '10,98' in row 2, .*'age' holds 'NA' in row 3, .*say --decimal ,, "
        "--missing NA if .* --drop size --drop age",
    ):
        fit_columns([data])


def test_what_is_read_is_said_with_an_example(table):
    data = table(share=["12 %", "3.5%", "12 %"], plain=["1", " 2 ", "3"], odd=["−5", "1", "2"])
    assert fit_columns([data]).remarks == (
        "column 'share' is text, read as numbers: '12 %' as 12",
        "column 'odd' is text, read as numbers: '−5' as -5",
    )
    lines = Table("data.jsonl", "jsonl", frame=data.frame[["plain"]])
    assert fit_columns([lines]).remarks == ("column 'plain' is text, read as numbers: '1' as 1",)


def test_numbers_and_numbers_as_text_in_one_column(table, raises_one_line):
    data = Table("data.jsonl", "jsonl", frame=table(x=["10.98", 2, 3.5]).frame)
    np.testing.assert_array_equal(fit_columns([data]).transform(data)[:, 0], [10.98, 2, 3.5])
    with raises_one_line(InputError, "'x' holds 'NA' in row 1.*--missing NA"):
        fit_columns([table(x=["NA", 2, 3.5])])
    with raises_one_line(InputError, "'x' mixes text with other values"):
        fit_columns([table(x=["5 kg", 2, 3.5])])


def test_the_spelling_is_kept_with_the_model_and_asked_for_again(write, table, raises_one_line):
    notation = Notation(("NA",), ",", ".")
    content = "price\n" + "".join(f'"{n}.{n:03},50 €"\n' for n in range(1, 9)) + "NA\n"
    data = read_table(write("data.csv", content), notation=notation)
    columns = fit_columns([data])
    values, arrays = columns.to_values()
    again = columns_from_values(json.loads(json.dumps(values)), arrays)
    assert again.notation == notation
    np.testing.assert_array_equal(again.transform(data), columns.transform(data))
    # The median of 1001.5, 2002.5, ..., 8008.5 is 4504.5 + 0.5.
    np.testing.assert_array_equal(again.transform(data)[[0, 8], 0], [1001.5, 4505.0])
    for wrong in ("5", "5 $", "5.0 €"):
        with raises_one_line(
            InputError, f"has '{re.escape(wrong)}' in column 'price', row 1; expected .*'€'"
        ):
            again.transform(table(price=[wrong]))
    with raises_one_line(InputError, "has 5.0 in column 'price', row 2; expected .* '€'"):
        again.transform(table(price=[None, 5]))


@pytest.mark.parametrize(
    ("path", "new", "problem"),
    [
        (("notation", "missing"), None, "'missing' is of type NoneType"),
        (("notation", "decimal"), "x", "decimal is 'x'"),
        (("notation", "thousands"), 3, "thousands is 3"),
        (("numbers", "spellings"), [], "'spellings' is of type list"),
        (("numbers", "spellings", "x", "after"), 5, "'after' is of type int"),
    ],
)
def test_damaged_spellings_are_named(path, new, problem, table, raises_one_line):
    values, arrays = fit_columns([table(x=["5 kg", "6 kg"])]).to_values()
    inner = values
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    with raises_one_line(StorageError, problem):
        columns_from_values(values, arrays)
