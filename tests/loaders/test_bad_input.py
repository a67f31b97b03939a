"""Bad input of every kind: it ends in a right table with a receipt, or in words on what came and what to do next."""

import codecs
import datetime as dt
import errno
import gzip
import io
import json
import os
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

import linkgap as lg
from linkgap.domains import host_of, registrable_domain
from linkgap.engine import Engine
from linkgap.errors import MissingFileError, UnknownSiteError, UnreadableFileError, UnwritableFileError
from linkgap.loaders import counting, tables
from linkgap.loaders.decoding import SNIFFED_BYTES
from linkgap.loaders.links import Links
from linkgap.schema import REASONS

HEADING = "source_url,target_url,anchor\n"
GOOD = 40
"""Of so many rows two may be damaged before `max_loss` is passed."""


def rows(number: int, first: int = 0, site: str = "rival.example") -> str:
    return "".join(f"https://d{n}.example/page,https://{site}/,anchor {n}\n" for n in range(first, first + number))


def row(source: str, anchor: str = "x", site: str = "rival.example") -> str:
    return f"https://{source}.example/,https://{site}/,{anchor}\n"


TEXT = HEADING + rows(GOOD)
LONG = HEADING + rows(6_000)
assert len(LONG) > SNIFFED_BYTES
QUOTED = "".join('"' + line.replace(",", '","') + '"\n' for line in TEXT.splitlines())
QUOTED_LINES = "".join(f'"{line}"\n' for line in TEXT.splitlines())
DOMAINS = [f"d{number}.example" for number in range(GOOD)]
ITEMS = [{"source_url": f"https://{domain}/", "target_url": "rival.example"} for domain in DOMAINS]
FORGED = {**ITEMS[0], "source_url": "https://evil.example/", "anchor": "x", "title": "x", "nofollow": "no", "links": 9}
LONG_DOMAINS = [f"d{number}.example" for number in range(6_000)]


def read(folder: Path, content: bytes | str, name: str = "rival.example-backlinks.csv", **options: object) -> Links:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    links = lg.read_links(path, **options)
    assert_accounted_for(links)
    return links


def assert_accounted_for(links: Links) -> None:
    receipts, aside = links.receipts, links.set_aside
    assert (receipts["rows"] == receipts["kept"] + receipts["set_aside"]).all()
    assert (receipts["set_aside"] == receipts[[reason.replace(" ", "_") for reason in REASONS]].sum(axis=1)).all()
    assert len(links.frame) == receipts["kept"].sum()
    assert len(aside) == receipts["set_aside"].sum()
    assert not aside[["file", "row", "reason", "text"]].isna().any(axis=None)


def aside_of(links: Links) -> dict[int, tuple[int, str]]:
    return {each.row: (each.line, each.reason) for each in links.set_aside.itertuples()}


def packed_document(part: str) -> bytes:
    return zipped(**{"[Content_Types].xml": "<?xml version='1.0'?><Types/>", part: "<?xml version='1.0'?><w/>"})


def zipped(**members: bytes | str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_dot_", "."), content)
    return file.getvalue()


def workbook(**sheets: list[list[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_urls": False}) as book:
        book.set_properties({"created": dt.datetime(2026, 1, 1)})  # noqa: DTZ001 - the same bytes on any day
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name.replace("_", "."))
            for number, line in enumerate(cells):
                sheet.write_row(number, 0, line)
    return file.getvalue()


def table(text: str) -> list[list[object]]:
    return [line.split(",") for line in text.splitlines()]


def in_markdown(records: list[list[object]]) -> str:
    heading, *below = (f"| {' | '.join(map(str, record))} |" for record in records)
    return "\n".join([heading, "|---" * len(records[0]) + "|", *below, ""])


# --- every row is there, and none but those -------------------------------------------------------------------------

COMPLETE = {
    "as it should be": (TEXT, DOMAINS),
    "no newline at the end": (TEXT.rstrip(), DOMAINS),
    "blank lines between": (TEXT.replace("\n", "\n\n"), DOMAINS),
    "blank lines above": ("\n\n" + TEXT, DOMAINS),
    "carriage returns only": (TEXT.replace("\n", "\r"), DOMAINS),
    "Windows newlines": (TEXT.replace("\n", "\r\n"), DOMAINS),
    "mixed newlines": (TEXT.replace("\n", "\r\n", 10).replace("\nhttps://d2", "\rhttps://d2"), DOMAINS),
    "newlines that change far down": (LONG + rows(9, 7_000).replace("\n", "\r\n") + row("z"), None),
    "carriage returns far down": (LONG + rows(9, 7_000).replace("\n", "\r") + row("z"), None),
    "NUL": (TEXT + row("z", "a\x00b"), [*DOMAINS, "z.example"]),
    "NUL far down": (LONG + row("z", "a\x00b"), [*LONG_DOMAINS, "z.example"]),
    "UTF-8 with BOM": (codecs.BOM_UTF8 + TEXT.encode(), DOMAINS),
    "UTF-8 with two BOMs and quotes": (codecs.BOM_UTF8 * 2 + QUOTED.encode(), DOMAINS),
    "UTF-16 little endian": (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), DOMAINS),
    "UTF-16 big endian": (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), DOMAINS),
    "UTF-16 little endian, no BOM": (TEXT.encode("utf-16-le"), DOMAINS),
    "UTF-16 big endian, no BOM": (TEXT.encode("utf-16-be"), DOMAINS),
    "UTF-16 cut in a character": (TEXT.encode("utf-16")[:-1], DOMAINS),
    "UTF-32": (TEXT.encode("utf-32"), DOMAINS),
    "a torn surrogate": (
        TEXT.encode("utf-16-le") + row("z", "?").encode("utf-16-le").replace(b"?\x00", b"\x00\xd8"),
        [*DOMAINS, "z.example"],
    ),
    "tabs": (TEXT.replace(",", "\t"), DOMAINS),
    "semicolons, and commas in cells": (TEXT.replace(",", ";").replace("/page", "/page?a=1,2,3"), DOMAINS),
    "bars": (TEXT.replace(",", "|"), DOMAINS),
    "sep=": ("sep=;\n" + TEXT.replace(",", ";"), DOMAINS),
    "lines in cells": (QUOTED_LINES, DOMAINS),
    "lines in cells, where they hold quotes": (
        TEXT + row("z", '"a, b"').replace('"', '""').replace("https", '"https', 1).replace("\n", '"\n'),
        [*DOMAINS, "z.example"],
    ),
    "lines in cells, parted at what else a spreadsheet parts at": (
        QUOTED_LINES + '"' + row("z", "a;b").replace(";", '";"').replace("\n", '"\n'),
        [*DOMAINS, "z.example"],
    ),
    "lines with semicolons in cells": (QUOTED_LINES.replace(",", ";"), DOMAINS),
    "preamble": ('"Backlinks\nof rival",https://rival.example/\n\nExported today\n\n' + TEXT, DOMAINS),
    "a trailing delimiter in all rows": (TEXT.replace("\n", ",\n"), DOMAINS),
    "a trailing delimiter below the heading": (HEADING + rows(GOOD).replace("\n", ",\n"), DOMAINS),
    "upper-case headings with blanks": (TEXT.replace(HEADING, " SOURCE_URL ,Target_URL,ANCHOR\n"), DOMAINS),
    "two headings alike": (TEXT.replace(HEADING, "source_url,target_url,Source_URL\n"), DOMAINS),
    "empty headings": (TEXT.replace(HEADING, "source_url,target_url,\n"), DOMAINS),
    "headings that SQL uses": (TEXT.replace(HEADING, "source_url,target_url,linkgap row\n"), DOMAINS),
    "headings that SQL uses, too": (TEXT.replace(HEADING, 'source_url,target_url,"target"\n'), DOMAINS),
    "a heading in a heading": (TEXT.replace(HEADING, 'source_url,target_url,"say ""x""; DROP TABLE files"\n'), DOMAINS),
    "300 columns": (
        ",".join(["source_url", "target_url", *(f"c{n}" for n in range(298))])
        + "\n"
        + rows(GOOD).replace("\n", "," * 297 + "\n"),
        DOMAINS,
    ),
    "a cell of 200 KB": (TEXT + row("z", "x" * 200_000), [*DOMAINS, "z.example"]),
    "a cell of 1 MB": (TEXT + row("z", "x" * 1_000_000), [*DOMAINS, "z.example"]),
    "a cell of 10 MB": (TEXT + row("z", "é" * 5_000_000), [*DOMAINS, "z.example"]),
    "a cell of 10 MB above others": (HEADING + row("z", "é" * 5_000_000) + rows(GOOD), ["z.example", *DOMAINS]),
    "a cell of 100,000 lines": (TEXT + row("z", '"' + "line\n" * 100_000 + '"'), [*DOMAINS, "z.example"]),
    "a cell of quotes": (TEXT + row("z", '"' + '""' * 200_000 + '"'), [*DOMAINS, "z.example"]),
    "a data URL for an anchor": (TEXT + row("z", "data:image/png;base64" + "A" * 70_000), [*DOMAINS, "z.example"]),
    "cut off in a quoted cell": (TEXT + row("z", '"abc')[:-1], [*DOMAINS, "z.example"]),
    "gz": (gzip.compress(TEXT.encode()), DOMAINS),
    "gz of UTF-16": (gzip.compress(TEXT.encode("utf-16")), DOMAINS),
    "gz with zeros behind": (gzip.compress(TEXT.encode()) + bytes(99), DOMAINS),
    "gz of a gz": (gzip.compress(gzip.compress(TEXT.encode())), DOMAINS),
    "zip": (zipped(rival_dot_csv=TEXT), DOMAINS),
    "zip in a zip": (zipped(inner_dot_zip=zipped(rival_dot_csv=TEXT)), DOMAINS),
    "zip with hidden files": (zipped(rival_dot_csv=TEXT, **{"__MACOSX/x": b"\0", "._rival.csv": b"\0"}), DOMAINS),
    "workbook": (workbook(Sheet1=table(TEXT)), DOMAINS),
    "workbook with lines in cells": (workbook(S=[["Report"], *([line] for line in TEXT.splitlines())]), DOMAINS),
    "workbook with lines in cells that are parted, too": (
        workbook(S=[*([line] for line in TEXT.splitlines()), ["https://z.example/,https://rival.example/,a", "b"]]),
        [*DOMAINS, "z.example"],
    ),
    "workbook in a zip": (zipped(book_dot_xlsx=workbook(Sheet1=table(TEXT))), DOMAINS),
    "workbook with a sheet of notes": (workbook(Notes=[["Made by hand"]], Links=table(TEXT)), DOMAINS),
    "workbook with blank rows and a title": (workbook(S=[[], ["Report"], [], *table(TEXT), [], [""]]), DOMAINS),
    "Markdown": (in_markdown(table(TEXT)), DOMAINS),
    "Markdown between prose": (f"What I found:\n\n{in_markdown(table(TEXT))}\nShall I go on?\n", DOMAINS),
    "Markdown that blank lines and sentences part": (
        re.sub(r"(?=\| https://d(3|4|20|21)\.)", r"\nMore:\n\n", in_markdown(table(TEXT))),
        DOMAINS,
    ),
    "Markdown with links, code and bold": (
        in_markdown(
            [HEADING.strip().split(","), *([f"[a]({u})", f"`{t}`", f"**{a}**"] for u, t, a in table(TEXT)[1:])]
        ),
        DOMAINS,
    ),
    "JSON": (json.dumps(ITEMS), DOMAINS),
    "JSON with names alone": (json.dumps(DOMAINS), DOMAINS),
    "JSON lines": ("\n".join(json.dumps({"source_url": d, "target_url": "rival.example"}) for d in DOMAINS), DOMAINS),
    "JSON lines with line separators in texts": (
        "\n".join(
            f'{{"source_url": "{d}", "target_url": "rival.example", "anchor": "a\u2028b\x85c"}}' for d in DOMAINS
        ),
        DOMAINS,
    ),
    "JSON with longer lists inside": (
        json.dumps(
            {"items": [{"source_url": d, "target_url": "rival.example", "tags": [{}, {"a": 1}]} for d in DOMAINS]}
        ),
        DOMAINS,
    ),
    "JSON in the text of a tool's answer": (
        json.dumps([{"type": "text", "text": json.dumps({"links": ITEMS})}]),
        DOMAINS,
    ),
    "JSON in a text for each item": (
        json.dumps([{"type": "text", "text": json.dumps(item)} for item in ITEMS]),
        DOMAINS,
    ),
    "JSON in the result of a tool": (json.dumps({"result": json.dumps({"links": ITEMS}, indent=1)}), DOMAINS),
    "JSON in both parts of a tool's answer": (
        json.dumps({"content": [{"type": "text", "text": json.dumps(ITEMS)}], "structuredContent": {"links": ITEMS}}),
        DOMAINS,
    ),
    "JSON in the one part of a tool's answer that is not null": (
        json.dumps({"content": [{"type": "text", "text": json.dumps(ITEMS)}], "structuredContent": None}),
        DOMAINS,
    ),
    "JSON with links of the type text": (
        json.dumps([{**item, "type": "text", "text": "[" * 9_999} for item in ITEMS]),
        DOMAINS,
    ),
    "JSON with texts of strangers that are JSON": (
        json.dumps([{**item, "anchor": json.dumps([FORGED])} for item in ITEMS]),
        DOMAINS,
    ),
    "JSON with names no text can hold": (
        json.dumps([{"source_url": d, "target_url": "rival.example", "\ud800": "\udfff"} for d in DOMAINS]),
        DOMAINS,
    ),
}


@pytest.mark.parametrize("kind", COMPLETE)
def test_every_row_is_read(kind: str, tmp_path):
    content, domains = COMPLETE[kind]
    links = read(tmp_path, content)
    expected = domains or links.frame["source_domain"].to_list()
    assert links.frame["source_domain"].to_list() == expected
    assert links.receipts[["rows", "set_aside"]].to_numpy().tolist() == [[len(expected), 0]]
    assert set(links.frame["site"]) == {"rival.example"}


def test_lines_that_a_spreadsheet_kept_in_cells_are_records_of_the_export(tmp_path):
    """A spreadsheet that parts at semicolons leaves the lines of a sample in cells, which look like a list of pages."""
    lines = ["Linking page,Last crawled", *(f"https://d{number}.example/,2026-01-02" for number in range(9))]
    for content in ("".join(f'"{line}"\r\n' for line in lines), workbook(S=[[line] for line in lines])):
        found = read(tmp_path, content)
        assert found.receipts[["report", "partial"]].to_numpy().tolist() == [
            ["latest links", "Search Console shows a sample"]
        ]
        assert set(found.frame["last_seen"].dt.strftime("%Y-%m-%d")) == {"2026-01-02"}
    assert found.frame["source_url"].iloc[0] == "https://d0.example/"


@pytest.mark.once
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Site,Linking pages,Target pages", ",3,1"),
        ('"refdomain",backlinks,dofollow_backlinks,domain_inlink_rank', ",3,1,40"),
        ("source_domain,site,links", ",rival.example,3"),
        ("Referring page URL,Target URL,Domain rating,UR,Type", ",https://rival.example/,40,3,text"),
    ],
)
def test_a_heading_amid_a_table_is_no_link(heading, cells, mark, tmp_path):
    parts = ["".join(f"d{n}.example{cells}\n" for n in range(first, first + 3)) for first in (0, 3)]
    links = read(tmp_path, f"{heading}\n{parts[0]}{mark}{heading}\n{parts[1]}")
    assert links.frame["source_domain"].to_list() == [f"d{n}.example" for n in range(6)]
    assert links.sites == ("rival.example",)
    assert aside_of(links) == {4: (5, "not a link")}


def test_newlines_that_change_far_down_lose_nothing(tmp_path):
    for kind in ("newlines that change far down", "carriage returns far down"):
        links = read(tmp_path, COMPLETE[kind][0])
        assert len(links.frame) == 6_000 + 9 + 1
        assert links.frame["source_domain"].iloc[-1] == "z.example"


@pytest.mark.once
@pytest.mark.parametrize(
    ("content", "encoding", "anchor"),
    [
        (HEADING + row("a", "Straße – café"), "cp1252", "Straße – café"),
        (HEADING + row("a", "Straße café"), "latin-1", "Straße café"),
        (
            HEADING + row("a", "it\u2019s Home\u203ashop \u2013 Dušan"),
            "cp1252",
            "it\u2019s Home\u203ashop \u2013 Dušan",
        ),
        (HEADING + row("a", "Müller größer"), "mac_roman", "Müller größer"),
        (HEADING + row("a", "l\u2019origine de la forêt"), "mac_roman", "l\u2019origine de la forêt"),
        (HEADING + row("a", "Först kör hjälp." * 4), "mac_roman", "Först kör hjälp." * 4),
        (HEADING + row("a", "Dušan Milošic Žižek"), "cp1252", "Dušan Milošic Žižek"),
        (HEADING + row("a", "Обзор столов"), "cp1251", "Обзор столов"),
        (HEADING + row("a", "日本語"), "utf-16", "日本語"),
        (HEADING + row("a", "日本語"), "utf-8", "日本語"),
    ],
)
def test_texts_are_read_in_the_encoding_they_are_in(content, encoding, anchor, tmp_path):
    assert read(tmp_path, content.encode(encoding)).frame["anchor"].to_list() == [anchor]


@pytest.mark.once
@pytest.mark.parametrize(
    ("encoding", "text", "same_in"),
    [
        ("cp1250", "Zażółć gęślą jaźń", "Größe café niño coração"),
        ("cp1250", "Nejlepší kancelářské stoly a židle", "Hår på bærbar skærm"),
        ("cp1250", "Íróasztalok: a legjobb ötletek egy szűk fürdőbe", "São Paulo: opções não disponíveis"),
        ("cp1254", "En iyi çalışma masası ve ışık", "Það er skrifborð þitt og mín æska"),  # noqa: RUF001 - Turkish
        ("cp1257", "Geriausi rašomieji stalai ir kėdės jūsų mažiems namams", "één ruïne coëfficiënt België"),
        ("cp1253", "Τα καλύτερα γραφεία για το σπίτι", "tüüpiline öötöö jäääär"),  # noqa: RUF001 - Greek
        ("cp1255", "שולחנות עבודה לבית", "à côté où déjà vu"),
        ("cp1256", "أفضل المكاتب للعمل من المنزل", "å være født på øya"),
        ("cp1251", "Обзор столов", "È più città perché"),
        ("cp1251", "Стіл крісло меблі", "¿¿¿Cuál es el nº 3³???"),
        ("cp932", "在宅勤務のデスクの選び方", "ÄÖÜ äöü ÄÖ"),
        ("gb18030", "最好的办公桌推荐和评价", "ÄÄÖÖ ÜÜßß"),
        ("cp950", "最好的辦公桌推薦和評價", "ÁÀÂÃ ãõ"),
        ("cp949", "재택근무 책상 추천 순위", "ÉÈÊË éè"),
    ],
)
def test_texts_in_a_code_page_are_told_by_their_letters(encoding, text, same_in, tmp_path):
    found = read(tmp_path, (HEADING + row("a", text)).encode(encoding))
    assert (found.frame["anchor"].to_list(), found.receipts["encoding"].to_list()) == ([text], [encoding])
    western = read(tmp_path, (HEADING + row("a", same_in)).encode("cp1252"))
    assert (western.frame["anchor"].to_list(), western.receipts["encoding"].to_list()) == ([same_in], ["cp1252"])
    assert [*found.receipts["note"], *western.receipts["note"]] == [None, None]


def test_a_polish_word_of_letters_with_marks_is_not_ukrainian(tmp_path):
    found = read(tmp_path, (HEADING + row("a", "łóżko") + row("b", "źródło")).encode("cp1250"))
    assert found.frame["anchor"].to_list() == ["łóżko", "źródło"]


@pytest.mark.once
def test_danish_as_a_mac_saves_it_is_not_chinese(tmp_path):
    words = ["møbler", "hæve-sænkebord", "større", "læder", "skrivebord", "børneværelse", "læs mere"]
    found = read(tmp_path, (HEADING + "".join(row("a", word) for word in words)).encode("mac_roman"))
    assert found.receipts["encoding"].to_list() in (["mac_roman"], ["cp1252"])


@pytest.mark.once
@pytest.mark.parametrize(
    "words",
    [
        ["PROMOÇÃO", "AÇÃO", "móveis", "você", "três", "decoração", "opções"],
        ["ÉCRAN", "RÉGLABLE", "TÉLÉTRAVAIL", "ÉLÉGANTE", "DÉCORATION", "MÉTAL", "canapé"],
    ],
)
def test_capitals_as_a_mac_saves_them_are_not_japanese_and_cost_no_row(words, tmp_path):
    text = "source_url|anchor|target_url\n" + "".join(f"https://a.example/|{word}|rival.example\n" for word in words)
    found = read(tmp_path, text.encode("mac_roman"), max_loss=1)
    assert found.receipts["encoding"].to_list() in (["mac_roman"], ["cp1252"])
    assert found.receipts["kept"].to_list() == [len(words)]


def test_a_list_in_several_western_languages_stays_western(tmp_path):
    several = ["Lýðveldið okkar", "Grænland", "táknmál", "acessível", "Ícone", "režiim", "päris", "ületäituvus"]
    several += ["línea", "sección", "código"]
    found = read(tmp_path, (HEADING + "".join(row("a", text) for text in several)).encode("cp1252"))
    assert found.receipts["encoding"].to_list() == ["cp1252"]


@pytest.mark.once
def test_a_code_page_far_below_is_told_and_a_few_lines_of_it_in_utf8_are_not(tmp_path):
    far_down = LONG + row("y", "Zażółć gęślą jaźń") + row("z", "łóżko")
    found = read(tmp_path, far_down.encode("cp1250"))
    assert found.frame["anchor"].to_list()[-2:] == ["Zażółć gęślą jaźń", "łóżko"]
    assert found.receipts["encoding"].to_list() == ["cp1250"]
    joined = LONG.encode() + row("x", "łóżko").encode() + (row("y", "Größe") + row("z", "Maß")).encode("cp1252")
    assert read(tmp_path, joined).frame["anchor"].to_list()[-3:] == ["łóżko", "Größe", "Maß"]


def test_a_byte_order_mark_far_below_does_not_cost_what_stands_above(tmp_path):
    joined = LONG.encode() + (HEADING + row("z")).encode("utf-16")
    assert read(tmp_path, joined, max_loss=1).frame["source_domain"].nunique() == 6_000


@pytest.mark.once
@pytest.mark.parametrize(
    ("encoding", "yes", "no"),
    [
        ("cp1250", "PRAWDA", "FAŁSZ"),
        ("cp1254", "DOĞRU", "YANLIŞ"),
        ("cp1251", "ИСТИНА", "ЛОЖЬ"),
        ("mac_roman", "TOSI", "EPÄTOSI"),
        ("mac_roman", "sí", "no"),
        ("mac_roman", "SIM", "NÃO"),
        ("cp1252", "Sí", "No"),
        ("cp1252", "SÌ", "NO"),
    ],
)
def test_flags_alone_tell_the_code_page(encoding, yes, no, tmp_path):
    heading = "source_url,target_url,nofollow\n"
    rows = "".join(f"https://{name}.example/,https://rival.example/,{word}\n" for name, word in (("a", yes), ("b", no)))
    assert read(tmp_path, (heading + rows).encode(encoding)).frame["nofollow"].to_list() == [True, False]


@pytest.mark.once
@pytest.mark.parametrize(
    ("encoding", "host", "domain"),
    [("mac_roman", "bücher.de", "xn--bcher-kva.de"), ("cp1251", "пример.рф", "xn--e1afmkfd.xn--p1ai")],
)
def test_hosts_in_their_own_letters_are_read_in_the_encoding_they_are_in(encoding, host, domain, tmp_path):
    content = (HEADING + f"https://{host}/,https://rival.example/,x\n").encode(encoding)
    found = read(tmp_path, content)
    assert found.frame["source_domain"].to_list() == [domain]
    assert found.receipts["encoding"].to_list() == [encoding]


def test_single_broken_bytes_are_read_as_windows_would(tmp_path):
    content = (TEXT + row("y", "日本 🪑") + row("z", "caf?")).encode().replace(b"caf?", b"caf\xe9")
    assert read(tmp_path, content).frame["anchor"].to_list()[-2:] == ["日本 🪑", "café"]
    far_down = LONG.encode() + row("z", "caf?").encode().replace(b"caf?", b"caf\xe9") + row("y").encode()
    assert read(tmp_path, far_down).frame["anchor"].to_list()[-2:] == ["café", "x"]


@pytest.mark.once
@pytest.mark.parametrize("total", ["Total", "TOTAL: 300", "Grand total", "Gesamtergebnis", "Average", "Итого", "合計"])
@pytest.mark.parametrize("numbered", [False, True])
def test_a_row_of_sums_is_no_damage_and_no_domain(total, numbered, tmp_path):
    first = "#," if numbered else ""
    rows = "".join(f"{f'{n},' if numbered else ''}a{n}.example,50,3\n" for n in range(100))
    last = f"{total},,,30\n" if numbered else f"{total},,30\n"
    for listed, cut in (("".join(rows.splitlines(keepends=True)[:5]), "none"), (rows, "rows")):
        found = read(tmp_path, (f"{first}Domain,DR,Dofollow links\n" + listed + last).encode()).receipts.iloc[0]
        assert (found["kept"], found["not_a_link"], found["no_domain"]) == (found["rows"] - 1, 1, 0)
        assert found["cut"] == cut


def test_an_anchor_that_is_total_sets_no_link_aside(tmp_path):
    content = "Anchor,Referring page URL,Target URL,Domain rating\nTotal,https://a.example/,https://rival.example/,5\n"
    assert read(tmp_path, content.encode()).receipts["kept"].to_list() == [1]


@pytest.mark.once
@pytest.mark.parametrize(
    ("encoding", "text", "taken_for"),
    [
        ("iso8859-2", "Książki źródło śruby jeść", "cp1250"),
        ("euc_jp", "日本語の家具と椅子と机を買う東京の店", "cp1252"),
        ("cp874", "โต๊ะทำงานที่ดีที่สุด", "cp1252"),
        ("cp866", "Обзор письменных столов", "cp1252"),
    ],
)
@pytest.mark.parametrize("above", [HEADING, LONG], ids=["above", "far below"])
def test_a_receipt_says_that_a_code_page_is_a_guess(encoding, text, taken_for, above, tmp_path):
    content = (above + row("y", text)).encode(encoding)
    found = read(tmp_path, content).receipts.iloc[0]
    assert (found["encoding"], found["note"].partition(";")[0]) == (
        taken_for,
        f"read as {taken_for}, a guess, as its letters look like no language",
    )
    said = read(tmp_path, content, encoding=encoding)
    assert (said.frame["anchor"].to_list()[-1], said.receipts["note"].to_list()) == (text, [None])


def test_no_guess_is_noted_of_a_list_with_signs_and_names_from_elsewhere(tmp_path):
    several = [
        "£50 off",
        "½ price",
        "20 m² for men\xb4s shoes",
        "women\xb4s shoes",
        "Petr Šimek",
        "Þór",
        "café",
        "«été»",
    ]
    found = read(tmp_path, (HEADING + "".join(row("a", text) for text in several)).encode("cp1252"))
    assert (found.receipts["encoding"].to_list(), found.receipts["note"].to_list()) == (["cp1252"], [None])


@pytest.mark.once
@pytest.mark.parametrize("said", ["utf-8", "UTF8"])
def test_a_receipt_says_that_a_file_is_not_in_the_encoding_that_was_said(said, tmp_path):
    for above in (HEADING, LONG):
        found = read(tmp_path, (above + row("y", "Zażółć gęślą jaźń")).encode("cp1250"), encoding=said)
        assert found.frame["anchor"].to_list()[-1] == "Zażółć gęślą jaźń"
        note = "none of its lines is in utf-8, the encoding= given: it is read as cp1250"
        assert (found.receipts["encoding"].to_list(), found.receipts["note"].to_list()) == (["cp1250"], [note])
    assert read(tmp_path, (HEADING + row("y", "łóżko")).encode(), encoding=said).receipts["note"].to_list() == [None]


def test_a_receipt_counts_the_rows_with_bytes_that_are_no_letter_in_their_encoding(tmp_path):
    for above in (HEADING, LONG):
        content = (above + row("x", "日本の机") + row("y", "机") + row("z")).encode("euc_jp")
        found = read(tmp_path, content, encoding="ascii")
        assert found.frame["anchor"].to_list()[-3:] == ["\ufffd" * 8, "\ufffd" * 2, "x"]
        note = "2 rows with bytes that are not valid in ascii, shown as \ufffd: give the right encoding="
        assert found.receipts["note"].to_list() == [note]
    book = workbook(S=table(HEADING + row("x", "\ufffd")))
    assert read(tmp_path, book, "rival.example.xlsx").receipts["note"].to_list() == [None]


@pytest.mark.once
def test_the_encoding_can_be_said(tmp_path):
    content = (HEADING + row("a", "Україна")).encode("cp1251")
    assert read(tmp_path, content, encoding="cp1251").frame["anchor"].to_list() == ["Україна"]


def test_quoted_newlines_and_quotes_stay_in_their_cell(tmp_path):
    text = TEXT + row("z", '"two\nlines, ""quoted"""')
    assert read(tmp_path, text).frame["anchor"].iloc[-1] == 'two\nlines, "quoted"'
    assert read(tmp_path, text.encode("utf-16")).frame["anchor"].iloc[-1] == 'two\nlines, "quoted"'


# --- what can't be used is set aside, with its line and the reason ---------------------------------------------------

DAMAGED = {
    "truncated last row": (TEXT + "https://z.exa", {41: (42, "wrong column count")}),
    "UTF-16 cut in a row": (TEXT.encode("utf-16")[:-60], {40: (41, "wrong column count")}),
    "too many cells": (TEXT + row("z", "x,y") + row("z"), {41: (42, "wrong column count")}),
    "too few cells": (TEXT + "https://z.example/\n" + row("z"), {41: (42, "wrong column count")}),
    "a lone quote before the last row": (TEXT + row("y", '"x') + row("z"), {41: (42, "malformed row")}),
    "a lone quote that a later one closes": (
        TEXT + row("x", '"x') + row("y", 'x"y') + row("z"),
        {41: (42, "malformed row")},
    ),
    "a note among the rows": (TEXT + "# a note\n" + row("z"), {41: (42, "wrong column count")}),
    "a line of blanks": (TEXT + "   \n" + row("z"), {41: (42, "empty row")}),
    "empty rows of a spreadsheet": (TEXT + ",,\n,,\n" + row("z"), {41: (42, "empty row"), 42: (43, "empty row")}),
    "the heading once more": (TEXT + HEADING + row("z"), {41: (42, "not a link")}),
    "no address": (TEXT + "see below,https://rival.example/,x\n", {41: (42, "no domain")}),
    "another site": (TEXT + row("z", site="elsewhere.example"), {41: (42, "other site")}),
    "the site itself": (TEXT + row("www.rival"), {41: (42, "self link")}),
    "below quoted newlines": (TEXT + row("y", '"a\n\nb"') + "-,https://rival.example/,\n", {42: (45, "no domain")}),
    "below a preamble": ("Report\n\n" + TEXT + "-,https://rival.example/,\n", {41: (44, "no domain")}),
    "in a workbook": (workbook(S=[[], ["Report"], [], *table(TEXT), ["-", "rival.example"]]), {41: (45, "no domain")}),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_row_is_set_aside(kind: str, tmp_path):
    content, expected = DAMAGED[kind]
    links = read(tmp_path, content)
    assert aside_of(links) == expected
    kept = set(range(1, int(links.receipts["rows"].iloc[0]) + 1)) - set(expected)
    assert links.frame["row"].to_list() == sorted(kept)


def test_rows_of_nothing_but_marks_are_empty_whatever_is_worked_out_of_them(tmp_path):
    semrush = "Page ascore,Source title,Source url,Target url,Anchor,Nofollow,Image,Form,Frame,Lost link\n"
    cells = "1,t,https://a.example/,https://rival.example/,x,false,false,false,false,false\n"
    links = read(tmp_path, semrush + cells * 5 + ",,,,,,,,,\n" * 5)
    assert links.receipts[["kept", "empty_row"]].to_numpy().tolist() == [[5, 5]]


def test_empty_cells_at_the_end_may_be_left_out_as_spreadsheets_do(tmp_path):
    """Excel does so where its last columns are empty for some rows; a cell of a filled column stays missed."""
    heading = "source_url;target_url;anchor;Notes;Status\n"
    lines = [f"https://d{n}.example/;https://rival.example/;x" for n in range(GOOD)]
    text = heading + "".join(line + (";;" if n < 15 else "") + "\n" for n, line in enumerate(lines))
    links = read(tmp_path, text + "https://e.example/;https://rival.example/\n")
    assert links.receipts[["kept", "wrong_column_count"]].to_numpy().tolist() == [[GOOD, 1]]


def test_records_of_what_is_no_link_end_before_follow_in_older_exports_of_screaming_frog(tmp_path):
    heading = '"All Inlinks"\n"Type","Source","Destination","Alt Text","Anchor","Status Code","Status","Follow"\n'
    link = '"HREF","https://d{n}.example/","https://rival.example/","","x","200","OK","true"\n'
    style = '"CSS","https://d{n}.example/","https://rival.example/a.css","","","200","OK"\n'
    cut = '"HREF","https://d.example/","https://rival.example/","","x"\n'
    text = heading + "".join(line.format(n=n) for line in (link, style) for n in range(GOOD)) + cut
    links = read(tmp_path, text, sites=["rival.example"])
    assert links.receipts[["kept", "not_a_link", "wrong_column_count"]].to_numpy().tolist() == [[GOOD, GOOD, 1]]

    newer = text.replace('"Follow"\n', '"Follow","Target"\n').replace('"true"\n', '"true","_blank"\n')
    links = read(tmp_path, newer, sites=["rival.example"], max_loss=1)
    assert links.receipts[["kept", "wrong_column_count"]].to_numpy().tolist() == [[GOOD, GOOD + 1]]


@pytest.mark.parametrize("mark", ["ï»¿", 'ï»¿"', "Report\n\n\ufeff", 'Report\n\n\ufeff"'])
def test_a_byte_order_mark_that_became_text_does_not_hide_a_heading(mark, tmp_path):
    """A program that takes UTF-8 for Windows-1252 writes it so when it saves as UTF-8; others put files together."""
    quote = '"' * mark.count('"')
    links = read(tmp_path, f"{mark}source_url{quote}{TEXT.removeprefix('source_url')}")
    assert links.receipts[["kept", "report"]].to_numpy().tolist() == [
        [GOOD, read(tmp_path, TEXT).receipts["report"][0]]
    ]


def test_a_heading_that_alone_ends_in_delimiters_costs_no_row(tmp_path):
    links = read(tmp_path, TEXT.replace(HEADING, HEADING.rstrip("\n") + ",, \n") + "https://e.example/,https://x\n")
    assert links.receipts[["kept", "wrong_column_count"]].to_numpy().tolist() == [[GOOD, 1]]


def test_a_line_of_totals_is_no_domain(tmp_path):
    text = "source_domain,links\n" + "".join(f"d{n}.example,2\n" for n in range(GOOD)) + "Total,80\nSumme:,80\n"
    links = read(tmp_path, text + "Loading…,\n")
    assert links.receipts[["kept", "not_a_link", "no_domain"]].to_numpy().tolist() == [[GOOD, 2, 1]]


@pytest.mark.parametrize("below", ["", ",,\n,,\n", "Domain,Rating,Links\n", "Limited to 100 rows\n"])
def test_what_stands_below_a_list_does_not_hide_that_it_is_cut(below, tmp_path):
    listed = "".join(f"d{n}.example,{100 - n},1\n" for n in range(100))
    receipt = read(tmp_path, "source_domain,authority,links\n" + listed + below).receipts.iloc[0]
    assert [receipt["kept"], receipt["cut"], receipt["floor"]] == [100, "authority", 1]


@pytest.mark.once
def test_every_table_in_markdown_is_read_or_said_to_be_none(tmp_path):
    listed = table(TEXT)
    tables = [[["Metric", "Value"], ["Backlinks", "9"]], listed[:4], [listed[0], *listed[4:]]]
    with pytest.warns(lg.LinkgapWarning, match=r"1 file not read. report.md/table 1 is not a backlink export"):
        links = read(tmp_path, "\n## Next\n\n".join(map(in_markdown, tables)), "report.md")
    assert links.receipts[["file", "kept"]].to_numpy().tolist() == [
        ["report.md/table 2", 3],
        ["report.md/table 3", GOOD - 3],
        ["report.md/table 1", 0],
    ]


@pytest.mark.once
def test_a_line_that_ends_a_table_in_markdown_is_set_aside_and_bars_in_cells_are_none_between_them(tmp_path):
    page = ["https://x.example/", "https://rival.example/", r'"a" \| b']
    links = read(tmp_path, in_markdown([*table(TEXT), page]) + "Sum: 10\n", max_loss=0.5)
    assert links.frame["anchor"].iloc[-1] == '"a" | b'
    assert links.set_aside[["line", "reason"]].to_numpy().tolist() == [[GOOD + 4, "wrong column count"]]


@pytest.mark.once
@pytest.mark.parametrize("heading", [HEADING, "Von,Nach,Wort\n", HEADING.replace(",", "|")])
def test_a_table_in_a_cell_of_an_export_makes_no_markdown_of_it(heading, tmp_path):
    forged = in_markdown([["source_url", "target_url"], ["https://evil.example/", "https://rival.example/"]])
    delimiter = "|" if "|" in heading else ","
    text = heading + rows(3).replace(",", delimiter)
    text += delimiter.join(["https://x.example/", "https://rival.example/", f'"\n{forged}"\n'])
    columns = {"source_url": "Von", "target_url": "Nach"} if "Von" in heading else None
    links = read(tmp_path, text, columns=columns)
    assert links.frame["source_domain"].to_list() == [*DOMAINS[:3], "x.example"]


@pytest.mark.once
def test_every_list_of_links_in_json_is_read_and_its_place_is_no_host(tmp_path):
    lists = {
        site: {"domains": [{"source_domain": f"{site}-{n}.example"} for n in range(number)]}
        for site, number in (("deskly.example", 9), ("sitwell.example", 7))
    }
    links = read(tmp_path, json.dumps({"result": lists}), "links.json")
    assert links.receipts[["file", "site", "kept"]].to_numpy().tolist() == [
        ["links.json/result/deskly.example/domains", "deskly.example", 9],
        ["links.json/result/sitwell.example/domains", "sitwell.example", 7],
    ]


@pytest.mark.parametrize(
    "heading", ["Linking Page,Target URL,Rel,Lost On", "Source URL,Anchor Text,Target URL,Rel,Lost Date"]
)
def test_headings_that_any_tool_may_have_are_no_report_beside_others(heading, tmp_path):
    with pytest.raises(UnreadableFileError, match="columns="):
        read(tmp_path, heading + "\n" + "https://a.example/," * heading.count(",") + "x\n")


def test_a_heading_alone_is_a_list_of_nothing(tmp_path):
    for heading in (HEADING, HEADING.strip()):
        links = read(tmp_path, heading)
        assert links.receipts[["rows", "kept", "domains"]].to_numpy().tolist() == [[0, 0, 0]]
        assert links.frame.empty


def test_rows_beyond_max_loss_fail_with_the_first_line_and_what_to_do(tmp_path):
    with pytest.raises(lg.LinkgapError) as caught:
        read(tmp_path, TEXT + "https://z.example/\n" * 10)
    message = str(caught.value)
    assert "rival.example-backlinks.csv: 10 of 50 rows (20.0%) can't be used (10 wrong column count)" in message
    assert "more than max_loss=0.05 allows" in message
    assert "The first is line 42: 'https://z.example/'" in message
    assert "Export the file again, or go on without these rows with max_loss=0.21." in message
    assert len(read(tmp_path, TEXT + "https://z.example/\n" * 10, max_loss=0.21).frame) == GOOD


def test_rows_that_a_lone_quote_swallows_count_as_lost(tmp_path):
    text = HEADING + row("x", '"x') + rows(GOOD)
    with pytest.raises(lg.LinkgapError, match=r"41 of 41 rows \(100.0%\) can't be used \(1 malformed row\)"):
        read(tmp_path, text)
    assert aside_of(read(tmp_path, text, max_loss=1)) == {1: (2, "malformed row")}


@pytest.mark.parametrize("encodings", [("utf-8", "utf-16"), ("utf-16", "utf-8"), ("utf-16", "utf-8-sig")])
def test_joined_files_in_two_encodings_are_refused_and_lose_no_row_unseen(encodings, tmp_path):
    text = (HEADING + rows(9)).replace(",", "\t")
    content = b"".join(text.encode(encoding) for encoding in encodings)
    with pytest.raises(UnreadableFileError, match=r"is in two encodings: from line (1|11) on, it is not"):
        read(tmp_path, content)


WORDS = HEADING + rows(3) + "".join(row(f"w{n}", f"Müller größer {n}") for n in range(12)) + row("rival", "its own")


@pytest.mark.parametrize(
    ("encoding", "newline"),
    [
        *(("utf-16", "\n"), ("utf-16", "\r\n"), ("utf-16-le", "\n"), ("utf-16-be", "\r\n"), ("utf-32", "\n")),
        *(("cp1252", "\r\n"), ("mac_roman", "\n")),
    ],
)
def test_a_clean_text_in_another_encoding_is_read_as_it_is_in_utf8(encoding, newline, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_PIECE_BYTES", 7)  # letters and line ends are parted
    text = WORDS.replace("\n", newline)
    found, expected = read(tmp_path, text.encode(encoding)), read(tmp_path / "utf-8", text)
    assert [source.table.recoded for source in found.sources + expected.sources] == [True, False]
    assert found.receipts["encoding"].to_list() == [encoding]
    pd.testing.assert_frame_equal(found.receipts.drop(columns="encoding"), expected.receipts.drop(columns="encoding"))
    pd.testing.assert_frame_equal(found.frame, expected.frame)
    pd.testing.assert_frame_equal(found.set_aside, expected.set_aside)
    assert aside_of(found) == {16: (17, "self link")}


FAR_DOWN = {
    "NUL": (TEXT + row("z", "a\x00b")).encode("utf-16"),
    "another line end": (TEXT + row("z").replace("\n", "\r\n")).encode("utf-16"),
    "a return": (TEXT + row("z").replace("\n", "\r")).encode("utf-16"),
    "half a letter": (TEXT + row("z", "?")).encode("utf-16-le").replace(b"?\x00", b"\x00\xd8"),
    "no letter of the code page": (WORDS + row("z", "?")).encode("cp1252").replace(b"?", b"\x81"),
}


@pytest.mark.parametrize("what", FAR_DOWN)
def test_what_no_copy_in_utf8_would_tell_is_read_record_by_record(what, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_PIECE_BYTES", 64)
    links = read(tmp_path, FAR_DOWN[what])
    assert not any(source.table.recoded for source in links.sources)
    assert "z.example" in links.frame["source_domain"].to_list()


def test_letters_in_utf16_are_not_taken_for_bytes(tmp_path):
    text = TEXT + row("z", "人間の背骨は椅子に座ると曲がるので机の高さを調べることが大切です" * 9)
    assert len(read(tmp_path, text.encode("utf-16")).frame) == GOOD + 1


# --- addresses ------------------------------------------------------------------------------------------------------

ADDRESSES = {
    "https://bücher.example/x": "xn--bcher-kva.example",
    "https://xn--bcher-kva.example/": "xn--bcher-kva.example",
    "https://BÜCHER.example/": "xn--bcher-kva.example",
    "https://ｆｕｌｌ．example/": "full.example",  # noqa: RUF001 - full-width on purpose
    "https://😀.example/": "xn--e28h.example",
    "http://192.0.2.1/x": "192.0.2.1",
    "192.0.2.1:8080": "192.0.2.1",
    "http://[2001:DB8::1]:80/x": "2001:db8::1",
    "2001:db8::1": "2001:db8::1",
    "http://localhost/x": "localhost",
    "https://user:p%40ss@host.example/": "host.example",
    "HTTPS://UPPER.EXAMPLE/Page": "upper.example",
    "https://trailing.example./x": "trailing.example",
    "trailing.example..": "trailing.example",
    "https://port.example:8443/x": "port.example",
    "https:\\\\back.example\\x": "back.example",
    "https:/one-slash.example/x": "one-slash.example",
    "https:no-slash.example/x": "no-slash.example",
    "//no-scheme.example/x": "no-scheme.example",
    "no-scheme.example/x": "no-scheme.example",
    " https://blanks.example/ ": "blanks.example",
    "https://blanks.example/a b": "blanks.example",
    "https://query.example?x=/y": "query.example",
    "query.example?x=1.example": "query.example",
    "query.example?b.example": "query.example",
    "https://hash.example#x": "hash.example",
    "https://b?cher.example/": None,
    "www.b?ch?r.example": None,
    "b?cher.example/x?y=1": None,
    "https://b\ufffdcher.example/": None,
    "https://query.example?x=\ufffd": "query.example",
    "intranet?page=2": "intranet",
    "https://under_score.example/": "under_score.example",
    "ftp://files.example/x": "files.example",
    "javascript:void(0)": None,
    "mailto:me@mail.example": None,
    "data:text/html,<b>x</b>": None,
    "tel:+1234567": None,
    "about:blank": None,
    "view-source:https://seen.example/": None,
    "/relative/path": None,
    "#top": None,
    "\u00a0https://no-break.example/a": "no-break.example",
    "\u202ahttps://copied.example\u202c/a": "copied.example",
    "\u200bbare.example\u200e": "bare.example",
    "\u061chttps://arabic.example/a": "arabic.example",
    "https://two words.example/": None,
    "https://-dash.example/": None,
    "https://empty..example/": None,
    "https://" + "a" * 64 + ".example/": None,
    "https://" + "a." * 130 + "example/": None,
    "https://[broken/": None,
    "https://host.example:port/": None,
    "https://:80/": None,
    "me@": None,
    "256.1.1.1": None,
    "1.240": None,
    "12345": None,
    "-": None,
    "": None,
}


def test_hosts_are_found_in_any_writing(tmp_path):
    cells = "".join(f'"{address}",https://rival.example/,x\n' for address in ADDRESSES)
    links = read(tmp_path, HEADING + cells, max_loss=1)
    found = dict(zip(links.frame["row"], links.frame["source_host"], strict=True))
    reasons = {number: reason for number, (_, reason) in aside_of(links).items()}
    for number, (address, host) in enumerate(ADDRESSES.items(), start=1):
        assert found.get(number) == host, address
        assert reasons.get(number) == (None if host else "no domain"), address


def test_addresses_are_kept_without_what_nobody_sees_before_them(tmp_path):
    """Else no page answers to them when it is checked."""
    pages = ("https://a.example/1", "HTTP://b.example/", "c.example/x", "//d.example/")
    cells = "".join(f"\u200b\u061c\u00a0{page},\ufeffhttps://rival.example/,x\n" for page in pages)
    frame = read(tmp_path, HEADING + cells).frame
    assert frame["source_url"].to_list() == [*pages]
    assert set(frame["target_url"]) == {"https://rival.example/"}


@pytest.mark.once
@pytest.mark.parametrize("address", ADDRESSES)
def test_python_finds_the_host_that_the_engine_finds(address: str):
    assert host_of(address) == ADDRESSES[address]


HOSTS = """
a.com b.a.com d.c.b.a.com co.uk a.co.uk b.a.co.uk d.c.b.a.co.uk blogspot.com me.blogspot.com a.me.blogspot.com
amazonaws.com s3.amazonaws.com a.s3.amazonaws.com b.a.s3.amazonaws.com ck www.ck a.www.ck b.ck a.b.ck c.a.b.ck
kawasaki.jp city.kawasaki.jp a.city.kawasaki.jp b.kawasaki.jp a.b.kawasaki.jp c.a.b.kawasaki.jp
unlisted a.unlisted b.a.unlisted c.b.a.unlisted xn--p1ai a.xn--p1ai b.a.xn--p1ai a_b.com c.a_b.com a--b.com
"""


@pytest.mark.once
def test_hosts_have_the_domains_that_python_finds(tmp_path):
    lines = "".join(f"https://{host}/,https://rival.example/\n" for host in HOSTS.split())
    found = read(tmp_path, "source_url,target_url\n" + lines).frame
    assert found["source_domain"].to_list() == [registrable_domain(host) for host in HOSTS.split()]


def test_idna_and_punycode_are_one_domain(tmp_path):
    cells = (
        "https://bücher.example/a,https://rival.example/,\nhttps://xn--bcher-kva.example/b,https://rival.example/,\n"
    )
    assert read(tmp_path, HEADING + cells).domain_count == 1


# --- numbers and dates ----------------------------------------------------------------------------------------------

NUMBERS = {
    "57": 57,
    "57.5": 57.5,
    "37,5": 37.5,
    "1,234E+05": 123_400,
    "1,240": 1240,
    "1.240,5": 1240.5,
    "12,345,678": 12_345_678,
    "12.345.678": 12_345_678,
    "1 240": 1240,
    "1\u202f240": 1240,
    "1\u202f240,5": 1240.5,
    "1'240": 1240,
    "12\u2019345\u2019678.5": 12_345_678.5,
    "-1\u2009240": -1240,
    "45%": 45,
    "37,5 %": 37.5,
    "0,375": 0.375,
    "12.3K": 12_300,
    "900k": 900_000,
    "1,25 M": 1_250_000,
    "<10": 10,
    "-5": -5,
    "+5": 5,
    "1e3": 1000,
    "0": 0,
    " 7 ": 7,
    "99999999999999999999": 1e20,
    "n/a": None,
    "-": None,
    "": None,
    "nan": None,
    "null": None,
    "unknown": None,
}
NO_NUMBERS = ["Infinity", "1e999", "9,9E+999", "many", "1.2.3", "1,2,3", "12 apples", "1'24", "12'", "1,234K", "1.2KB"]


def test_numbers_are_read_as_vendors_write_them(tmp_path):
    cells = "".join(f'{row(f"s{n}")[:-3]},"{number}"\n' for n, number in enumerate(NUMBERS))
    links = read(tmp_path, "source_url,target_url,authority\n" + cells)
    expected = [-1 if number is None else number for number in NUMBERS.values()]
    assert links.frame["authority"].fillna(-1).to_list() == expected
    assert links.receipts["unread_values"].to_list() == [0]


def test_what_is_no_number_is_counted_and_left_out(tmp_path):
    cells = "".join(f'{row(f"s{n}")[:-3]},"{number}"\n' for n, number in enumerate(NO_NUMBERS))
    links = read(tmp_path, "source_url,target_url,authority\n" + cells)
    assert links.frame["authority"].isna().all()
    assert links.receipts["kept"].to_list() == [len(NO_NUMBERS)]
    assert links.receipts["unread_values"].iloc[0] >= 4


def test_semicolons_with_decimal_commas(tmp_path):
    text = "source_url;target_url;authority;links\nhttps://a.example/;https://rival.example/;37,5;1.240,0\n"
    links = read(tmp_path, text)
    assert links.frame[["authority", "links"]].to_numpy().tolist() == [[37.5, 1240]]


def dated(folder: Path, days: list[str], **options: object) -> Links:
    cells = "".join(f'{row(f"s{n}")[:-3]},"{day}"\n' for n, day in enumerate(days))
    return read(folder, "source_url,target_url,first_seen\n" + cells, **options)


def days_of(links: Links) -> list[str | None]:
    return [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in links.frame["first_seen"]]


DAYS = {
    "2026-10-22": "2026-10-22",
    "2026-10-22 19:38:16": "2026-10-22",
    "2026-10-22T03:17:01Z": "2026-10-22",
    "2026-10-22T23:59:59+09:00": "2026-10-22",
    "Sep 15, 2026": "2026-09-15",
    "September 5, 2026": "2026-09-05",
    "15 Sep 2026": "2026-09-15",
    "31-Jan-26": "2026-01-31",
    "Jan 31 26": "2026-01-31",
    "1 Feb 25": "2025-02-01",
    "2026/10/2": "2026-10-02",
    "2026. 10. 2.": "2026-10-02",
    "2026. 1. 2. 9:05": "2026-01-02",
    "2026. 10. 22": "2026-10-22",
    "2026-1-2 10:00": "2026-01-02",
    "20261022": "2026-10-22",
    "2026年1月2日": "2026-01-02",
    "2026년 12월 31일": "2026-12-31",
    "1 janv. 2026": "2026-01-01",
    "1er janvier 2026": "2026-01-01",
    "15 juin 2026": "2026-06-15",
    "15 juil. 2026": "2026-07-15",
    "31 août 2026": "2026-08-31",
    "2 de enero de 2026": "2026-01-02",
    "2 de set. de 2026": "2026-09-02",
    "3 gen 2026": "2026-01-03",
    "3. März 2026": "2026-03-03",
    "14. Dezember 2025": "2025-12-14",
    "12 mei 2026": "2026-05-12",
    "1 lip 2026": "2026-07-01",
    "1 янв. 2026 г.": "2026-01-01",  # noqa: RUF001 - Cyrillic
    "1 лист. 2026\u202fр.": "2026-11-01",  # noqa: RUF001 - Cyrillic
    "1 Ağu 2026": "2026-08-01",
    "7 Μαΐ 2026": "2026-05-07",
    "": None,
    "n/a": None,
    "0000-00-00": None,
    "0000-00-00 00:00:00": None,
}
NO_DAYS = [
    "yesterday",
    "2026",
    "2026-02-30",
    "2026-13-01",
    "1700000000",
    "10/2026",
    "31 févr. 2026",
    "2026年13月1日",
    "1. lip 2026",
]
NEVER = [
    "9999-12-31",
    "9999-12-31T23:59:59Z",
    "12345-6-7",
    "infinity",
    "-infinity",
    "1601-01-01",
    "22/10/26",
    "0001-01-01",
]


def test_days_are_read_as_vendors_write_them(tmp_path):
    links = dated(tmp_path, list(DAYS))
    assert days_of(links) == list(DAYS.values())
    assert links.receipts["unread_values"].to_list() == [0]


def test_what_is_no_day_is_counted_and_left_out(tmp_path):
    links = dated(tmp_path, NO_DAYS)
    assert days_of(links) == [None] * len(NO_DAYS)
    assert links.receipts["unread_values"].to_list() == [len(NO_DAYS)]


def test_years_that_mean_never_or_were_misread_are_no_days(tmp_path):
    links = dated(tmp_path, NEVER)
    assert days_of(links) == [None] * len(NEVER)
    assert len(links.frame) == len(NEVER)


def test_cells_in_another_writing_far_below_are_read_all_the_same(tmp_path):
    heading = "source_url,target_url,authority,links,first_seen\n"
    plain = "".join(f"https://d{n}.example/,https://rival.example/,{n},{n + 1},2026-01-01\n" for n in range(300))
    other = 'https://e.example/,https://rival.example/,"37,5","1,240","Feb 3, 2026"\n'
    last = read(tmp_path, heading + plain + other).frame.iloc[-1]
    assert [last["authority"], last["links"], str(last["first_seen"].date())] == [37.5, 1240, "2026-02-03"]
    alone = read(tmp_path, heading + plain + 'https://e.example/,https://rival.example/,"37,5",7,2026-02-03\n')
    assert alone.frame["authority"].iloc[-1] == 37.5
    unread = read(tmp_path, heading + plain + other.replace("37,5", "many")).receipts["unread_values"]
    assert unread.to_list() == [1]


YES_AND_NO = [
    *("WAHR FALSCH", "VRAI FAUX", "Verdadero Falso", "vero falso", "Ja Nein", "Oui non", "ІСТИНА ХИБНІСТЬ"),
    *("SAND FALSK", "SANT FALSKT", "SANN USANN", "TOSI EPÄTOSI", "PRAVDA NEPRAVDA", "IGAZ HAMIS", "DOĞRU YANLIŞ"),
    *("ADEVĂRAT FALS", "CERT FALS", "ΑΛΗΘΗΣ ΨΕΥΔΗΣ", "αληθής ψευδής", "真 假", "是 否", "Ano Ne", "כן לא"),
    *("✓ ✗", "✔\ufe0f ✘", "✅ ❌", "☑ ✖"),
]


def test_flags_are_read_as_the_spreadsheets_of_the_world_write_them(tmp_path):
    text = "Page ascore,Source title,Source url,Target url,Anchor,Nofollow,Image,Form,Frame,Lost link\n"
    for place, (yes, no) in enumerate(map(str.split, YES_AND_NO)):
        for nofollow in (no, yes):
            text += f"1,t,https://{place}.example/,https://rival.example/,{nofollow},{nofollow},{no},{no},{no},{yes}\n"
    found = read(tmp_path, text).frame
    told = dict(zip(found["anchor"], found[["nofollow", "is_lost", "kind"]].to_numpy().tolist(), strict=True))
    assert told == {word: [word == yes, True, "text"] for yes, no in map(str.split, YES_AND_NO) for word in (no, yes)}


def test_cells_of_flags_that_say_neither_yes_nor_no_are_counted(tmp_path):
    heading = "source_url,target_url,nofollow,sponsored,lost link\n"
    cells = ["maybe,true,no", "n/a,,-", "rel=nofollow,FAUX,quizás", "follow,1,0", "noopener ugc,,"]
    rows = "".join(f"https://d{n}.example/,https://rival.example/,{each}\n" for n, each in enumerate(cells))
    found = read(tmp_path, heading + rows)
    assert found.frame["nofollow"].to_list() == [pd.NA, pd.NA, True, False, True]
    assert found.receipts["unread_values"].to_list() == [1]
    dofollow = {"source_url": "source_url", "target_url": "target_url", "dofollow": "nofollow", "spam": "lost link"}
    assert read(tmp_path, heading + rows, columns=dofollow).receipts["unread_values"].to_list() == [2]


def test_the_order_of_day_and_month_is_found_in_the_whole_column(tmp_path):
    assert days_of(dated(tmp_path, ["03/04/2026"] * 999 + ["28/03/2018 07:07"]))[::999] == ["2026-04-03", "2018-03-28"]
    assert days_of(dated(tmp_path, ["03/04/2026"] * 999 + ["03/28/2018"]))[::999] == ["2026-03-04", "2018-03-28"]


def test_days_that_can_not_be_told_from_months_are_left_out_and_noted(tmp_path):
    links = dated(tmp_path, ["03/04/2026", "05.06.2026"])
    assert days_of(links) == [None, None]
    assert "day and month can't be told apart; pass day_first=True" in links.receipts["note"].iloc[0]
    assert days_of(dated(tmp_path, ["03/04/2026"], day_first=True)) == ["2026-04-03"]
    assert days_of(dated(tmp_path, ["03/04/2026"], day_first=False)) == ["2026-03-04"]


def test_a_column_with_days_in_both_orders_is_not_read_and_noted(tmp_path):
    links = dated(tmp_path, ["13/04/2026", "04/13/2026"])
    assert days_of(links) == [None, None]
    assert "in some the day comes first, in others the month" in links.receipts["note"].iloc[0]


@pytest.mark.parametrize(
    ("days", "options", "expected"),
    [
        (["10/22/23", "3/4/24 10:00"], {}, ["2023-10-22", "2024-03-04"]),
        (["31.10.23", "03.04.24"], {}, ["2023-10-31", "2024-04-03"]),
        (["31. 10. 2023 9:05", "3. 4. 24"], {}, ["2023-10-31", "2024-04-03"]),
        (["31.10.2023.", "3.4.2024. 9:05"], {}, ["2023-10-31", "2024-04-03"]),
        (["31/10/2023", "03/04/24"], {}, ["2023-10-31", "2024-04-03"]),
        (["46027", "46054.375"], {}, ["2026-01-05", "2026-02-01"]),
        (["3/4/24"], {"day_first": True}, ["2024-04-03"]),
        (["3/4/24"], {"day_first": False}, ["2024-03-04"]),
        # The year may stand first: in 22/10/26 and 22/10/31 nothing tells.
        (["22/10/26"], {}, [None]),
        (["22/10/26", "22/10/31"], {}, [None, None]),
    ],
)
def test_years_of_two_digits_are_read_where_the_others_tell_what_stands_where(days, options, expected, tmp_path):
    links = dated(tmp_path, days, **options)
    assert days_of(links) == expected
    assert (links.receipts["note"].iloc[0] is not None) == (None in expected)
    assert links.receipts["unread_values"].iloc[0] == expected.count(None)


def test_days_that_contradict_what_a_vendor_writes_are_read_as_they_stand(tmp_path):
    """The older layout of Ahrefs has the day first; a spreadsheet may have turned it round."""
    fixture = Path(__file__).parent / "fixtures/ahrefs-backlinks-2020.csv"
    titles = fixture.read_text(encoding="utf-16").splitlines()[0].split("\t")
    days = {"First Seen": "03/28/2018 07:07", "Last Check": "12/31/2019 18:00"}
    known = {"Referring Page URL": "https://a.example/", "Link URL": "https://rival.example/", **days}
    text = "\t".join(titles) + "\n" + "\t".join(known.get(title, "") for title in titles) + "\n"
    found = read(tmp_path, text).frame.iloc[0]
    assert [str(found[name].date()) for name in ("first_seen", "last_seen")] == ["2018-03-28", "2019-12-31"]


# --- files that hold no table of links -------------------------------------------------------------------------------


def flipped(content: bytes, seed: int) -> bytes:
    chance = random.Random(seed)  # noqa: S311 - a seed, not a secret
    changed = bytearray(content)
    for _ in range(30):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def with_password() -> bytes:
    content = bytearray(zipped(rival_dot_csv=TEXT))
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def nested(times: int) -> bytes:
    content = zipped(rival_dot_csv=TEXT)
    for _ in range(times):
        content = zipped(inner_dot_zip=content)
    return content


def far_cell() -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "source_url")
        sheet.write(1_048_575, 16_383, "x")
    return file.getvalue()


HUGE = 70 * 1024**2
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DAMAGED_ZIP = zipped(rival_dot_csv=LONG)[:3000] + b"\x55" * 50 + zipped(rival_dot_csv=LONG)[3050:]
UNREADABLE: dict[str, tuple[bytes | str | Callable[[], bytes], list[str]]] = {
    # What takes long to make is made by the test alone: every worker reads this file.
    "empty": (b"", ["is empty (0 bytes)", "Export it again"]),
    "blank lines only": (b"\n\n\r\n", ["contains only blank lines", "Export it again"]),
    "blanks only": (b"  \n\t\n", ["contains only blank lines"]),
    "a BOM only": (codecs.BOM_UTF8, ["contains only blank lines"]),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(99), ["is a picture (PNG)", "Allowed: CSV, TSV", "Export it as CSV"]),
    "PDF": (b"%PDF-1.7\n", ["is a PDF", "Export it as CSV"]),
    "Word": (packed_document("word/document.xml"), ["links.csv is a Word document", "Export it as CSV"]),
    "PowerPoint": (packed_document("ppt/presentation.xml"), ["links.csv is a PowerPoint presentation"]),
    "Numbers": (packed_document("Index/Document.iwa"), ["links.csv is a document of Numbers, Pages or Keynote"]),
    "RAR": (b"Rar!\x1a\x07", ["is a RAR archive"]),
    "a database": (b"SQLite format 3\x00" + bytes(99), ["is a SQLite database"]),
    "zeros": (bytes(9999), ["is not text (it contains binary data)", "Export it as CSV"]),
    "binary": (random.Random(3).randbytes(9999), ["is not text (it contains binary data)"]),  # noqa: S311
    "HTML": ("<!DOCTYPE html><html><body>Log in</body></html>", ["is a web page", "log in and export again"]),
    "HTML behind a comment": ("\n<!-- saved -->\n<html></html>", ["is a web page"]),
    "XML": ("<?xml version='1.0'?><links/>", ["is a web page (HTML or XML)", "If it holds the list, open it in"]),
    "an e-mail": (
        "From: a@a.example\r\nSubject: the\r\n export\r\nMIME-Version: 1.0\r\n\r\nHere it is.\r\n",
        ["links.csv is an e-mail. Save the file that is attached"],
    ),
    "Outlook's e-mail": (OLE + bytes(4096) + "__substg1.0_37010102".encode("utf-16-le"), ["links.csv is an e-mail"]),
    "prose": (
        "MIT License\n\nPermission is hereby granted, free of charge, to any person.\n",
        ["is not a backlink export"],
    ),
    "unknown headings": (
        "Page,Link No.,Ref. domains,\nhttps://a.example/,1,2,\n",
        ["Its columns are: Page, Link No., Ref. domains, (blank)", 'columns={"source_url": "<heading'],
    ),
    "an unknown comparison": (
        "Referring domain,Trust,rival.example,www.me.example\na.example,40,3,\nb.example,5,0,1\n",
        ["a column for each of several sites, rival.example, www.me.example. Save the domains that link to each"],
    ),
    "a comparison without its sites": (
        "Domain,Domain ascore,Matches,My site\na.example,40,2,1\nb.example,5,1,\n",
        ["no column for any of the compared sites", "like Semrush backlink gap", '{"source_domain": "Domain"}'],
    ),
    "unknown cells without a heading": ("https://a.example/,1,2\nhttps://b.example/,3,4\n", ["it has no heading"]),
    "another report": (
        "Subnet,Ref. domains,Top DR\n192.0.2.0,1,2\n",
        ["Referring IPs", "export Backlinks or Referring domains"],
    ),
    "gz cut off": (gzip.compress(LONG.encode())[:-99], ["is damaged or cut off", "Download it again"]),
    "gz damaged": (flipped(gzip.compress(LONG.encode()), 1), ["is damaged or cut off", "Download it again"]),
    "gz of nothing": (gzip.compress(b""), ["rival.example-backlinks.csv is empty (0 bytes)"]),
    "gz bomb": (
        lambda: gzip.compress(TEXT.encode() + bytes(HUGE)),
        ["unpacks to more than 200 times its size", "if you trust it"],
    ),
    "zip bomb": (
        lambda: zipped(rival_dot_csv=bytes(HUGE)),
        ["unpacks to more than 200 times its size", "if you trust it"],
    ),
    "zip bomb of many": (
        lambda: zipped(**{f"{n}_dot_csv": bytes(HUGE // 10) for n in range(11)}),
        ["unpacks to more than 200 times"],
    ),
    "zip in zip in zip in zip in zip": (nested(4), ["is compressed more than 3 times over", "Unpack it"]),
    "zip with a password": (with_password(), ["is protected by a password", "Unpack it"]),
    "empty zip": (zipped(), ["is an empty zip file", "Export it again"]),
    "zip cut off": (zipped(rival_dot_csv=TEXT)[:-30], ["begins like a zip file or workbook, but is damaged"]),
    "zip damaged": (DAMAGED_ZIP, ["rival.csv is damaged or cut off", "Download it again"]),
    "zip without exports": (zipped(read_dot_me="Hello.", b_dot_txt="Bye."), ["is not a backlink export"]),
    "workbook with a password": (
        OLE + bytes(4096),
        ["can't be read as a workbook", "If it has a password, remove it"],
    ),
    "workbook cut off": (workbook(S=table(TEXT))[:2000], ["begins like a zip file or workbook, but is damaged"]),
    "workbook damaged": (lambda: flipped(workbook(S=table(LONG)), 2), ["damaged"]),
    "workbook of nothing": (workbook(S=[]), ["is a workbook with no filled cells"]),
    "workbook with a cell at the far end": (far_cell, ["a filled cell far from the others", "save the sheet as CSV"]),
    "Parquet cut off": (b"PAR1" + bytes(99), ["begins like a Parquet file, but can't be read as one"]),
    "Parquet in gz": (gzip.compress(b"PAR1" + bytes(99)), ["is a Parquet file inside a compressed file", "Unpack it"]),
    "JSON cut off": ('[{"source_url": "https://a.exa', ["begins like JSON, but can't be read", "It may be cut off"]),
    "JSON without a list": ('{"error": "Unauthorized"}', ["is JSON without a list of backlinks", "the whole answer"]),
    "JSON with an empty list": ("[]", ["is JSON without a list of backlinks"]),
    "JSON nested deeply": ('[{"a":' * 99_999, ["begins like JSON, but can't be read: it is nested too deeply"]),
    "JSON with a number of 5,000 digits": ('[{"a": ' + "9" * 5000 + "}]", ["begins like JSON, but can't be read"]),
    "JSON with other names": (
        '[{"page": "a.example", "to": 1}]',
        ["Its columns are: page, to", "map its columns once"],
    ),
}


@pytest.mark.once
@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_holds_no_links_is_refused_in_words(kind: str, tmp_path):
    content, fragments = UNREADABLE[kind]
    with pytest.raises(lg.LinkgapError) as caught:
        read(tmp_path, content() if callable(content) else content)
    message = str(caught.value)
    assert "rival.example-backlinks.csv" in message
    assert message.endswith((".", ")."))
    for fragment in fragments:
        assert fragment in message


@pytest.mark.once
def test_damaged_workbooks_never_raise_anything_else(tmp_path):
    book = workbook(S=table(LONG))
    for seed in range(15):
        with pytest.raises(lg.LinkgapError, match=r"damaged|workbook"):
            read(tmp_path, flipped(book, seed))


def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    path = tmp_path / "rival.example-backlinks.csv"
    path.write_text(TEXT, encoding="utf-8")
    opened = Path.open

    def refuse(self: Path, *arguments: object, **options: object):
        if self == path:
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(lg.LinkgapError, match=r"csv can't be opened: Permission denied. Check that you may read it"):
        lg.read_links(path)


NOT_THERE = ["missing.csv", "missing/folder", "a\x00b", TEXT, "x" * 5000, HEADING * 200, "~no user/x", "\udcff.csv"]


@pytest.mark.once
@pytest.mark.parametrize("where", NOT_THERE)
def test_what_is_not_there_is_said_to_be_missing(where: str):
    with pytest.raises(lg.LinkgapError, match=r"(?s)There is no file or folder .{1,300}Check the name") as caught:
        lg.read_links(where)
    assert isinstance(caught.value, FileNotFoundError)
    assert len(str(caught.value)) < 400


def test_an_address_of_the_web_is_not_opened():
    with pytest.raises(MissingFileError, match=r"^https://rival\.example/links\.csv is a web address, .* Download"):
        lg.read_links("https://rival.example/links.csv")


@pytest.mark.parametrize("mark", ["'", '"'])
def test_quotes_that_came_along_with_a_path_are_named(tmp_path: Path, mark: str):
    with pytest.raises(lg.LinkgapError, match=r"Check the name without the quotes; a relative path"):
        lg.read_links(f"{mark}{tmp_path}{mark}")


# --- folders and packed folders ---------------------------------------------------------------------------------------


def folder_of(folder: Path, **files: bytes | str) -> Path:
    for name, content in files.items():
        path = folder / name.replace("_dot_", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


LICENCE = "MIT License\n\nPermission is hereby granted, free of charge, to any person\n"


@pytest.mark.once
def test_an_empty_folder_is_said_to_be_empty(tmp_path):
    folder_of(tmp_path, _dot_DS_Store=b"x")
    with pytest.raises(lg.LinkgapError, match="contains no files"):
        lg.read_links(tmp_path)


@pytest.mark.once
def test_a_folder_without_exports_says_what_is_in_it(tmp_path):
    folder_of(tmp_path, LICENSE=LICENCE, picture=b"\x89PNG\r\n\x1a\n")
    with pytest.raises(
        lg.LinkgapError,
        match=r"list of backlinks.+LICENSE is no.+picture is a picture \(PNG\)",
    ):
        lg.read_links(tmp_path)


def test_what_lies_beside_exports_is_left_out_with_a_warning_and_a_receipt(tmp_path):
    folder_of(tmp_path, LICENSE=LICENCE, empty_dot_csv=b"", **{"rival.example-backlinks.csv": TEXT})
    with pytest.warns(
        lg.LinkgapWarning, match=r"2 files not read. LICENSE is not a backlink export.+empty.csv is empty"
    ):
        links = lg.read_links(tmp_path)
    assert links.frame["source_domain"].to_list() == DOMAINS
    assert links.receipts["provider"].to_list() == ["linkgap", None, None]
    assert [str(note)[:10] for note in links.receipts["note"][1:]] == ["not read: "] * 2


def test_what_lies_beside_exports_in_a_zip_is_left_out_with_a_warning(tmp_path):
    with pytest.warns(lg.LinkgapWarning, match=r"1 file not read. book.zip/manual.pdf is a PDF"):
        links = read(tmp_path, zipped(manual_dot_pdf=b"%PDF-1", **{"rival.example.csv": TEXT}), "book.zip")
    assert links.frame["source_domain"].to_list() == DOMAINS


@pytest.mark.once
def test_a_zip_and_a_workbook_may_hold_several_sites(tmp_path):
    mine = HEADING + rows(3, 90, "me.example")
    packed = zipped(**{"rival.example-backlinks.csv": TEXT, "sub/me.example-backlinks.csv": mine})
    for content in (packed, workbook(rival_example=table(TEXT), me_example=table(mine))):
        links = read(tmp_path, content, "all")
        assert links.sites == ("me.example", "rival.example")
        assert sorted(links.receipts["kept"]) == [3, GOOD]
    assert links.receipts["file"].to_list() == ["all/rival.example", "all/me.example"]


def test_a_column_on_lost_links_may_hold_days_words_or_states(tmp_path):
    told = {"2026-01-31": True, "gone": True, "vanished": True, "404": True, "": False, "no": False, "200": False}
    lines = "".join(f"https://d{n}.example/,https://rival.example/,{cell}\n" for n, cell in enumerate(told))
    found = read(tmp_path, "source_url,target_url,lost\n" + lines).frame
    assert dict(zip(told, found["is_lost"], strict=True)) == told


@pytest.mark.once
def test_a_whole_number_in_a_workbook_is_written_without_a_point(tmp_path):
    cells = [["source_url", "target_url", "anchor"], ["https://a.example/", "https://rival.example/", 2026]]
    assert read(tmp_path, workbook(sheet=cells), "list").frame["anchor"].to_list() == ["2026"]


# --- sites ----------------------------------------------------------------------------------------------------------

MIXED = HEADING + rows(9) + rows(9, 50, "me.example")


def test_a_file_for_two_sites_needs_to_be_told_them(tmp_path):
    with pytest.raises(lg.LinkgapError) as caught:
        read(tmp_path, MIXED, "backlinks.csv")
    assert str(caught.value) == (
        "backlinks.csv links to several sites: me.example (9 rows), rival.example (9 rows). "
        "Say which to compare: sites=['me.example', 'rival.example', ...]."
    )
    links = read(tmp_path, MIXED, "backlinks.csv", sites=["me.example", "rival.example"])
    assert links.frame["site"].value_counts().to_dict() == {"me.example": 9, "rival.example": 9}


def test_a_file_for_two_sites_belongs_to_the_one_in_its_name(tmp_path):
    links = read(tmp_path, MIXED, "me.example-backlinks.csv")
    assert links.receipts[["kept", "other_site"]].to_numpy().tolist() == [[9, 9]]


@pytest.mark.once
def test_a_file_that_names_no_site_says_how_to_name_one(tmp_path):
    with pytest.raises(lg.LinkgapError) as caught:
        read(tmp_path, "domain,domain_rating,dofollow_links,first_seen\na.example,50,1,2026-01-01\n", "export.csv")
    message = str(caught.value)
    assert "export.csv does not say which site its links point to" in message
    assert "read_links({\"mysite.example\": ['export.csv'], ...}), or put its domain into the file's name" in message


@pytest.mark.once
@pytest.mark.parametrize("name", ["answer.txt", "answer.json.gz", "answer.ndjson"])
def test_a_list_in_a_json_answer_of_any_name_says_to_name_the_file_on_disk(name, tmp_path):
    rows = [{"domain": "a.example", "domain_rating": 50, "dofollow_links": 1, "first_seen": "2026-01-01"}]
    text = json.dumps({"first": {"refdomains": rows}, "second": {"refdomains": rows}}).encode()
    with pytest.raises(UnknownSiteError, match=rf"/first/refdomains .*read_links.*: \['{re.escape(name)}'\], \.\.\."):
        read(tmp_path, gzip.compress(text) if name.endswith(".gz") else text, name)


def test_a_list_of_a_site_that_is_not_compared_is_not_taken_for_the_only_one_that_is(tmp_path):
    """With what to do, which works, for a sheet of a workbook as well."""
    text = "source_domain\na.example\n"
    with pytest.raises(UnknownSiteError, match=r"is a list for rival.example, judging by its name, .*sites=\['me.ex"):
        read(tmp_path, text, "rival.example-rivals.csv", sites=["me.example"])
    with pytest.raises(UnknownSiteError, match=r'read_links\({"blog.me.example": \[\'me.example.zip\'\], ...}\)'):
        read(tmp_path, zipped(**{"list.csv": text}), "me.example.zip", sites=["blog.me.example"])


@pytest.mark.parametrize("name", ["rival.example/ahrefs.csv", "rival.example.zip/refdomains.csv"])
def test_a_folder_or_an_archive_may_name_the_site(name, tmp_path):
    folder, file = name.split("/")
    text = "source_domain\na.example\n"
    if folder.endswith(".zip"):
        (tmp_path / folder).write_bytes(zipped(**{file: text}))
    else:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text(text)
    assert lg.read_links(tmp_path).sites == ("rival.example",)


@pytest.mark.parametrize("text", [
    "source_domain\nx.example\n",
    "site,source_domain\nrival.test,x.example\n",
    "source_url,target_url\nhttps://x.example/,https://gone.test/\n",
])  # fmt: skip
@pytest.mark.parametrize("sites", [["me.test", "rival.test"], ["me.test", "gone.test/shop/", "rival.test"]])
def test_a_file_for_a_site_that_is_not_compared_is_refused(text, sites, tmp_path):
    (tmp_path / "links.csv").write_text(text, encoding="utf-8")
    with pytest.raises(lg.LinkgapError) as caught:
        lg.read_links({"gone.test": tmp_path / "links.csv"}, sites=sites)
    if "target_url" not in text or len(sites) == 2:
        assert "links.csv is given for gone.test, but only sites=['me.test', " in str(caught.value)
        assert f"'{sites[-1]}', 'gone.test']. Or leave the file out" in str(caught.value)


def test_a_file_for_a_domain_may_hold_the_links_of_its_prefixes(tmp_path):
    (tmp_path / "links.csv").write_text("source_url,target_url\nhttps://x.example/,https://me.test/shop/a\n", "utf-8")
    links = lg.read_links({"me.test": tmp_path / "links.csv"}, sites=["me.test/shop/", "rival.test"])
    assert links.frame["site"].to_list() == ["me.test/shop/"]
    (tmp_path / "shop.csv").write_text(
        "source_url,target_url\nhttps://y.example/,https://me.test/shop/b\nhttps://y.example/,https://me.test/\n",
        "utf-8",
    )
    links = lg.read_links({"me.test": tmp_path / "links.csv", "me.test/shop/": tmp_path / "shop.csv"})
    assert links.receipts[["kept", "other_site"]].to_numpy().tolist() == [[1, 0], [1, 1]]


def test_a_site_that_no_link_points_to_is_refused_for_a_file(tmp_path):
    path = folder_of(tmp_path, x_dot_csv=TEXT) / "x.csv"
    with pytest.raises(
        lg.LinkgapError, match=r"x.csv: none of its links point to me.example; they point to rival.example"
    ):
        lg.read_links({"me.example": path})


# --- lists ----------------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_targets_that_are_no_addresses_are_said_to_be_none(tmp_path):
    """Some programs put an apostrophe before what shall stay a text."""
    path = tmp_path / "export.csv"
    path.write_text(TEXT.replace("https://rival", "'https://rival"))
    with pytest.raises(UnknownSiteError, match='target column is an address; one begins with "\'https:"'):
        lg.read_links({"rival.example": [path]})
    path.write_text(TEXT.replace("https://rival.example", ""))
    with pytest.raises(UnknownSiteError, match=r"export.csv: no cell of its target column is an address\. Export"):
        lg.read_links(path)


def test_a_list_is_read_with_its_notes_left_out(tmp_path):
    text = "# ours\na.example\n\nhttps://b.example/page\n  # theirs, too\nwww.c.example\n"
    links = read(tmp_path, text, "rival.example.txt")
    assert links.frame["source_domain"].to_list() == ["a.example", "b.example", "c.example"]
    assert links.receipts["rows"].to_list() == [3]


def test_a_word_in_a_list_is_not_its_heading(tmp_path):
    names = [f"d{number}.example" for number in range(20)]
    links = read(tmp_path, "\n".join([*names[:9], "Domain", *names[9:]]), "rival.example.txt")
    assert links.frame["source_domain"].to_list() == names
    assert aside_of(links) == {10: (10, "no domain")}


def test_a_row_below_others_is_not_the_heading_for_its_words(tmp_path):
    pages = "".join(f"https://d{number}.example/,2026-10-{number + 10}\n" for number in range(9))
    links = read(tmp_path, f"Verlinkende Seite,Gecrawlt\n{pages}Domain,URL\n", "rival.example.csv", max_loss=0.2)
    assert links.frame["source_domain"].to_list() == [f"d{number}.example" for number in range(9)]
    assert aside_of(links) == {10: (11, "no domain")}


@pytest.mark.parametrize("error", ["#NAME?", "#ERROR!"])
def test_a_cell_in_error_is_blank_and_costs_no_row(tmp_path, error):
    """Excel's and Google Sheets' own, of an anchor that was taken for a formula."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["source_url", "anchor", "nofollow"])
        for row, domain in enumerate(DOMAINS, start=1):
            sheet.write_row(row, 0, [f"https://{domain}/", f"#ERROR! of {domain}", "true"])
        sheet.write_formula(2, 1, "=a", value="#NAME?")
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name).replace(b"#NAME?", error.encode()) for name in archive.namelist()}
    assert b"<v>" + error.encode() + b"</v>" in parts["xl/worksheets/sheet1.xml"]

    links = read(tmp_path, zipped(**parts), "rival.example.xlsx")

    anchors = links.frame.set_index("source_domain")["anchor"].fillna("")
    assert anchors.to_dict() == {
        domain: "" if place == 1 else f"#ERROR! of {domain}" for place, domain in enumerate(DOMAINS)
    }
    assert_accounted_for(links)


@pytest.mark.once
def test_a_tools_answer_that_is_no_json_says_what_to_save(tmp_path):
    answer = json.dumps([{"type": "text", "text": TEXT}])
    with pytest.raises(lg.LinkgapError, match=r"text but no list: source_url,[\s\S]+Save that text as a file"):
        read(tmp_path, answer, "rival.example.json")


def test_of_an_answer_the_items_are_what_is_refused_not_the_task_around_them(tmp_path):
    targets = {"1": "rival.example", "2": "other.example"}
    item = {"domain_intersection": {"1": {"target": "a.test", "rank": 9}, "2": None}, "summary": {"count": 1}}
    answer = {"tasks": [{"data": {"targets": targets}, "result": [{"targets": targets, "items": [item]}]}]}
    with pytest.raises(lg.LinkgapError, match=r"looks like DataForSEO domain_intersection") as said:
        read(tmp_path, json.dumps(answer), "rival.example.json")
    assert "targets.1" not in str(said.value)


@pytest.mark.once
def test_a_workbook_without_a_heading_loses_no_row(tmp_path):
    links = read(tmp_path, workbook(S=[[domain] for domain in DOMAINS]), "rival.example.xlsx")
    assert links.frame["source_domain"].to_list() == DOMAINS


# --- options --------------------------------------------------------------------------------------------------------

UNKNOWN = "Seite,Ziel\nhttps://a.example/,https://rival.example/\n"


@pytest.mark.once
@pytest.mark.parametrize(
    ("columns", "fragments"),
    [
        ({"source": "Seite"}, ["columns= maps source", "Allowed: anchor, author, authority"]),
        ({"target_url": "Ziel"}, ["must map source_url or source_domain"]),
        ({}, ["columns= maps none", "must map source_url or source_domain"]),
        ({"source_url": 5}, ["maps to something that is not a heading"]),
        ({"source_url": "Page"}, ["has no heading 'Page'", "Its columns are: Seite, Ziel"]),
        ({"source_url": "Page", "anchor": "Text", "target_url": "Ziel"}, ["has no headings 'Page', 'Text'"]),
        ("linkody", ["There is no mapping 'linkody'", "Save one with save_columns({...}, 'linkody.columns.json')"]),
        ("linkody.columns.json", ["Save one with save_columns({...}, 'linkody.columns.json')"]),
        (5, ["columns=5 is not a mapping", "Allowed: {'source_url': '<heading>', ...}"]),
        (["Seite"], ["columns=['Seite'] is not a mapping"]),
    ],
)
def test_a_wrong_mapping_says_what_is_allowed(columns, fragments, tmp_path):
    with pytest.raises(lg.LinkgapError) as caught:
        read(tmp_path, UNKNOWN, columns=columns)
    for fragment in fragments:
        assert fragment in str(caught.value)


@pytest.mark.once
def test_a_mapping_is_used_by_name_by_path_and_beside_the_exports(tmp_path):
    columns = {"source_url": "Seite", "target_url": " ziel "}
    elsewhere = lg.save_columns(columns, folder_of(tmp_path) / "linkody.columns.json")
    for folder, given in [("a", columns), ("b", str(elsewhere)), ("c", elsewhere), (".", "linkody"), (".", None)]:
        links = read(tmp_path / folder, UNKNOWN, columns=given)
        assert links.frame["source_domain"].to_list() == ["a.example"]
        assert links.receipts["provider"].to_list() == ["custom" if folder == "a" else "linkody"]


@pytest.mark.once
@pytest.mark.parametrize("content", [b"{", b"\xff\xfe{}", b"[]", b'{"columns": ["a"]}', b'{"columns": {"nope": "a"}}'])
def test_a_damaged_mapping_says_how_to_write_it(content, tmp_path):
    (tmp_path / "linkody.columns.json").write_bytes(content)
    with pytest.raises(
        lg.LinkgapError, match=r"linkody.columns.json is not a mapping of columns: .+Write it with save_columns"
    ):
        read(tmp_path, UNKNOWN, columns="linkody")


@pytest.mark.once
def test_a_mapping_that_can_not_be_saved_says_why(tmp_path):
    with pytest.raises(lg.LinkgapError, match=r"is not a name for a mapping. Allowed: names that end in .columns.json"):
        lg.save_columns({"source_url": "Seite"}, tmp_path / "linkody.json")
    with pytest.raises(lg.LinkgapError, match=r"can't be written: .+Check that the folder"):
        lg.save_columns({"source_url": "Seite"}, tmp_path / "missing" / "linkody.columns.json")


@pytest.mark.once
@pytest.mark.parametrize(
    ("options", "fragments"),
    [
        (
            {"encoding": "klingon"},
            ["encoding='klingon' is not known", "Allowed: utf-8, utf-16, cp1252", "Leave it out"],
        ),
        ({"encoding": "rot13"}, ["encoding='rot13' is not known"]),
        ({"encoding": "utf-16"}, ["can't be read with encoding='utf-16'", "does not start with BOM", "Leave it out"]),
        ({"encoding": "idna"}, ["can't be read with encoding='idna'"]),
        ({"max_loss": 2}, ["max_loss=2 is not allowed", "Allowed: a share from 0 to 1"]),
        ({"max_loss": -0.1}, ["max_loss=-0.1 is not allowed"]),
        ({"max_loss": float("nan")}, ["max_loss=nan is not allowed"]),
        ({"max_loss": "5%"}, ["max_loss='5%' is not allowed"]),
        ({"max_loss": True}, ["max_loss=True is not allowed"]),
        ({"complete": {"rival.example": 1}}, ["complete={'rival.example': 1} is not allowed"]),
        ({"progress": 1}, ["progress=1 is not allowed. Allowed: True, False, or None"]),
        (
            {"complete": {"nobody.example": True}},
            ["complete= names nobody.example", "Allowed: rival.example, rival.example-"],
        ),
        ({"sites": "rival.example"}, ["sites='rival.example' is a single text", "sites=['rival.example']"]),
        ({"sites": ["not a site"]}, ["'not a site' is not a site", "Allowed: a domain (example.com)"]),
        ({"sites": [5]}, ["sites contains 5. Allowed: only texts"]),
        ({"sites": 5}, ["sites=5 is not a list. Allowed: a list of texts"]),
        ({"memory_limit": "lots"}, ["memory_limit='lots'"]),
    ],
)
def test_an_option_that_is_not_allowed_says_what_is(options, fragments, tmp_path):
    with pytest.raises(lg.LinkgapError) as caught:
        read(tmp_path, TEXT, **options)
    for fragment in fragments:
        assert fragment in str(caught.value)


def test_a_misspelt_option_is_refused(tmp_path):
    with pytest.raises(TypeError, match="unexpected keyword argument 'column'"):
        read(tmp_path, TEXT, column={"source_url": "Seite"})


@pytest.mark.parametrize("where", [5, None, b"rival.csv", [], [5], pd.DataFrame(), pd.DataFrame({"a": [1]})])
def test_what_is_no_file_and_no_frame_is_refused(where):
    with pytest.raises(lg.LinkgapError, match=r"can't be read. Allowed|nothing to read|is not a backlink export"):
        lg.read_links(where)


def test_a_name_that_is_no_utf8_is_a_name(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    for name, content in [("rival.example.csv", TEXT), ("rival.example.xlsx", workbook(S=table(TEXT)))]:
        links = read(folder, content, name)
        assert links.frame["source_domain"].to_list() == DOMAINS
    links = read(tmp_path, TEXT, os.fsdecode(b"rival.example-\xe9.csv"))
    assert links.receipts["file"].to_list() == [r"rival.example-\xe9.csv"]
    again = lg.read_links(links.save(tmp_path / "links.parquet"))
    assert again.receipts["file"].to_list() == [r"rival.example-\xe9.csv"]


def test_a_parquet_file_whose_name_the_engine_can_not_say_is_left_out(tmp_path):
    saved = read(tmp_path, TEXT).save(tmp_path / "links.parquet")
    path = saved.rename(tmp_path / os.fsdecode(b"\xe9.parquet"))
    with pytest.raises(lg.LinkgapError, match=r"xe9.parquet is not a name in UTF-8. Rename the file"):
        lg.read_links(path)
    with pytest.warns(lg.LinkgapWarning, match=r"1 file not read. .+xe9.parquet is not a name in UTF-8"):
        assert len(lg.read_links(tmp_path).frame) == GOOD
    with pytest.raises(lg.LinkgapError, match=r"xe9.parquet is not a name for saved links. Allowed: file names"):
        lg.read_links(tmp_path / "rival.example-backlinks.csv").save(path)


@pytest.mark.once
@pytest.mark.parametrize("place", range(10))
def test_a_damaged_parquet_file_is_said_to_be_damaged(place, tmp_path):
    text = [f"https://d{number}.example/{number * 7919}" for number in range(6_000)]
    pq.write_table(pa.table({"source_url": text, "site": ["rival.example"] * len(text)}), tmp_path / "good.parquet")
    content = (tmp_path / "good.parquet").read_bytes()
    first = len(content) * place // 10 + 4
    with pytest.raises(lg.LinkgapError) as caught:
        read(tmp_path, content[:first] + b"\xaa" * 3_000 + content[first + 3_000 :], "links.parquet")
    problem = "begins like a Parquet file, but can't be read as one: it is damaged or cut off"
    assert str(caught.value) == f"links.parquet {problem}. Save it again."


def test_a_zip_file_with_a_name_in_it_that_is_no_text_is_damaged(tmp_path):
    content = zipped(**{"rivalé.csv": TEXT}).replace("é".encode(), b"\xff\xff")
    with pytest.raises(lg.LinkgapError, match=r"all.zip begins like a zip file or workbook, but is damaged"):
        read(tmp_path, content, "all.zip")


def test_saved_links_need_a_name_and_a_folder(tmp_path):
    links = read(tmp_path, TEXT)
    with pytest.raises(lg.LinkgapError, match=r"links.csv is not a name for saved links. Allowed: file names"):
        links.save(tmp_path / "links.csv")
    with pytest.raises(
        lg.LinkgapError, match=r"There is no folder .+missing to write links.parquet into. Create it first"
    ):
        links.save(tmp_path / "missing" / "links.parquet")


@pytest.mark.once
def test_links_are_saved_whole_or_not_at_all(tmp_path, monkeypatch):
    links, longest = read(tmp_path, TEXT), tmp_path / f"{'l' * 247}.parquet"
    assert links.save(longest).exists()
    (tmp_path / "link.parquet").symlink_to(longest)
    longest.chmod(0o640)
    links.save(tmp_path / "link.parquet")
    assert (tmp_path / "link.parquet").is_symlink()
    assert longest.stat().st_mode & 0o777 == 0o640
    before = longest.read_bytes()

    def denied(*_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "replace", denied)
    with pytest.raises(
        UnwritableFileError, match=r"l\.parquet can't be written: Permission denied\. Nothing was changed"
    ):
        read(tmp_path, HEADING).save(longest)
    assert longest.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.once
def test_two_may_save_links_in_one_file_at_once(tmp_path, monkeypatch):
    links, path, write = read(tmp_path, TEXT), tmp_path / "links.parquet", Engine.copy_to_parquet

    def write_while_another_saves(*query_and_path, about):
        write(*query_and_path, about=about)
        monkeypatch.setattr(Engine, "copy_to_parquet", write)
        links.save(path)

    monkeypatch.setattr(Engine, "copy_to_parquet", write_while_another_saves)
    assert len(lg.read_links(links.save(path)).frame) == GOOD


@pytest.mark.once
def test_a_folder_that_lets_nobody_in_is_said_to_be_one(tmp_path, monkeypatch):
    links = read(tmp_path, TEXT)

    def denied(_path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "is_dir", denied)
    with pytest.raises(UnwritableFileError, match=r"links.parquet can't be written: you may not open its folder. Make"):
        links.save(tmp_path / "links.parquet")


# --- what is said of what was not read ------------------------------------------------------------------------------


def test_newlines_that_change_far_down_do_no_harm_to_local_dates(tmp_path):
    days = "".join(f"{row(f's{n}')[:-3]},03/14/2026\n" for n in range(9_000))
    text = "source_url,target_url,first_seen\n" + days + days[:9_000].replace("\n", "\r\n") + days[:9_000]
    assert read(tmp_path, text).frame["first_seen"].notna().all()


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
@pytest.mark.parametrize(("day", "read_as"), [("28/04/2026", "2026-04-28"), ("03/04/2026", None)])
def test_local_dates_below_the_sample_are_read_or_noted(day, read_as, large, tmp_path, monkeypatch):
    if large:
        monkeypatch.setattr(counting, "_LARGE_BYTES", 0)
    for above in ("n/a", "2026-01-02"):
        links = dated(tmp_path, [above] * 300 + [day])
        assert days_of(links)[-1] == read_as
        assert read_as or "day and month can't be told apart" in str(links.receipts["note"].iloc[0])
        assert links.receipts["unread_values"].to_list() == [pd.NA if large else 0 if read_as else 1]
        frame = pd.DataFrame({"source_url": "a.example", "site": "b.example", "first_seen": [above] * 300 + [day]})
        assert days_of(lg.read_links(frame))[-1] == read_as


def test_three_slashes_are_as_good_as_two(tmp_path):
    assert host_of("https:///three.example/") == "three.example"
    links = read(tmp_path, HEADING + "https:///three.example/,https://rival.example/,x\n", max_loss=1)
    assert links.frame["source_domain"].to_list() == ["three.example"]


@pytest.mark.parametrize(("column", "cell"), [("first_seen", "22/10/26"), ("links", "3 pages"), ("authority", "inf")])
def test_every_cell_that_is_not_read_is_counted(column, cell, tmp_path):
    links = read(tmp_path, f"source_url,target_url,{column}\nhttps://a.example/,https://rival.example/,{cell}\n")
    assert links.receipts["unread_values"].to_list() == [1]


def test_the_first_row_without_a_domain_is_shown(tmp_path):
    with pytest.raises(lg.LinkgapError, match=r"The first is line 5: '-"):
        read(tmp_path, HEADING + rows(3) + "-,https://rival.example/,x\n")
    with pytest.raises(lg.LinkgapError, match=r"The first is line 3: '-"):
        read(tmp_path, HEADING + rows(1) + "-,https://rival.example/,x\n" * 2 + "https://z.example/\n")
    with pytest.raises(lg.LinkgapError, match=r"The first is line 3: 'https://z.example/'"):
        read(tmp_path, HEADING + rows(1) + "https://z.example/\n" + "-,https://rival.example/,x\n" * 2)
    frame = pd.DataFrame({"source_url": ["https://a.example/", "-"], "site": ["rival.example"] * 2})
    with pytest.raises(lg.LinkgapError, match=r"The first is row 2: '- \| rival.example'"):
        lg.read_links(frame)


def test_cells_that_are_cut_are_noted(tmp_path):
    links = read(tmp_path, TEXT + row("y", "x" * 1_000_000) + row("z"))
    assert links.frame["anchor"].str.len().max() == 20_000
    assert links.receipts["note"].to_list() == ["1 row too long for the engine: their long cells are cut"]
    assert read(tmp_path, TEXT).receipts["note"].to_list() == [None]


@pytest.mark.once
def test_a_list_of_nothing_is_said_to_be_one(tmp_path):
    links = read(tmp_path, HEADING)
    assert links.receipts["note"].to_list() == ["the list is empty: it says that nothing links to the site"]
    links = read(tmp_path, HEADING + row("a", site="elsewhere.example"), "x.csv", sites=["rival.example"])
    assert links.receipts["note"].to_list() == ["no row of the list became a link"]


@pytest.mark.parametrize("other", ["Seite,Ziel\nhttps://a.example/,b\n", "Subnet,Ref. domains,Top DR\n192.0.2.0,1,2\n"])
def test_a_table_in_a_zip_that_is_not_read_is_warned_of(other, tmp_path):
    with pytest.warns(lg.LinkgapWarning, match=r"other.csv"):
        links = read(tmp_path, zipped(other_dot_csv=other, **{"rival.example.csv": TEXT}), "all.zip")
    assert links.frame["source_domain"].to_list() == DOMAINS
    assert links.receipts["file"].to_list() == ["all.zip/rival.example.csv", "all.zip/other.csv"]
    assert links.receipts["note"].iloc[1].startswith("not read: all.zip/other.csv ")


@pytest.mark.parametrize(
    ("sheet", "problem"),
    [
        ([["Seite", "Ziel"], ["a.example", 5]], "is not a backlink export"),
        ([["Lost domains"], ["a.example"]], "has no column .* This looks like Plain list of what does not link"),
    ],
)
def test_a_sheet_that_is_not_read_is_warned_of(sheet, problem, tmp_path):
    sheets = {"Links": table(TEXT), "Pages": sheet, "Notes": [["Made by hand."]]}
    with pytest.warns(lg.LinkgapWarning, match=rf"1 file not read. rival.example.xlsx/Pages {problem}"):
        links = read(tmp_path, workbook(**sheets), "rival.example.xlsx")
    assert links.receipts["file"].to_list() == ["rival.example.xlsx/Links", "rival.example.xlsx/Pages"]


def test_a_mapped_heading_that_is_not_there_is_named(tmp_path):
    with pytest.raises(lg.LinkgapError, match="no heading 'Page'"):
        read(tmp_path, UNKNOWN, columns={"source_url": "Page"})


@pytest.mark.once
@pytest.mark.parametrize(
    "options", [{"encoding": "undefined"}, {"encoding": 5}, {"complete": "yes"}, {"day_first": "x"}]
)
def test_an_option_of_the_wrong_kind_says_what_is_allowed(options, tmp_path):
    with pytest.raises(lg.LinkgapError, match="Allowed: "):
        read(tmp_path, TEXT, **options)


@pytest.mark.parametrize("make", [dict, lambda: np.array("a"), lambda: duckdb.connect().sql("SELECT 1 AS source_url")])
def test_what_else_is_no_file_and_no_frame_is_refused(make):
    with pytest.raises(lg.LinkgapError, match=r"can't be read|nothing to read"):
        lg.read_links(make())


@pytest.mark.once
def test_a_mapping_that_no_file_fits_is_said_to_be_unused(tmp_path):
    text = "Linking page,Links to\nhttps://a.example/,https://me.example/\n"
    (tmp_path / "me.example.csv").write_text(text, encoding="utf-8")
    usual = {"source_url": "Linking page", "target_url": "Links to"}
    assert lg.read_links(tmp_path, columns=usual).receipts["report"].tolist() == ["mapped columns"]
    said = r"^columns= was not used: no file has all of its headings, 'Linkin page', 'Links to'\. The files were read "
    with pytest.warns(lg.LinkgapWarning, match=said):
        lg.read_links(tmp_path, columns=usual | {"source_url": "Linkin page"})


@pytest.mark.once
def test_a_frame_that_names_no_site_says_how_to_name_one():
    frame = pd.DataFrame({"source_domain": ["a.example"]})
    advice = (
        r"neither a column site nor a column target_url\. "
        r"Add one, or name the site: read_links\(\{\"mysite\.example\": \[frame\], \.\.\.\}\)\.$"
    )
    with pytest.raises(lg.LinkgapError, match=advice):
        lg.read_links(frame)
    assert lg.read_links({"mysite.example": [frame]}).sites == ("mysite.example",)
