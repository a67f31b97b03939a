"""Of a table that no exporter knows, a mapping is proposed; the files are of made-up tools."""

import pandas as pd
import pytest

import linkgap as lg
from linkgap.errors import NotBacklinksError
from linkgap.loaders.proposing import propose_columns

pytestmark = pytest.mark.once

LINKS = [
    ["https://blog.one.example/a", "34", "https://me.example/", "x", "2026-03-01", "Dofollow", "1"],
    ["https://two.example/a", "12", "https://me.example/z", 'hi, "x"', "2026-03-01", "Nofollow UGC", "2"],
    ["https://three.example/a?b", "", "http://www.me.example/z", "", "2026-03-02", "nofollow", "3"],
]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (
            ["Link From", "DR", "Link To", "Anchor", "Date Found", "Follow?", "No."],
            {"source_url": 0, "authority": 1, "target_url": 2, "anchor": 3, "first_seen": 4, "dofollow": 5},
        ),
        (
            ["Backlink Page", "Domain InLink Rank", "Linked Page", "Anchor Text", "Last check", "Nofollow", "Links"],
            {"source_url": 0, "authority": 1, "target_url": 2, "anchor": 3, "last_seen": 4, "nofollow": 5},
        ),
        (
            ["Verweisende Seite", "Wert", "Zielseite", "Linktext", "Zuletzt gesehen", "Nofollow", "Zahl"],
            {"source_url": 0, "target_url": 2, "anchor": 3, "last_seen": 4, "nofollow": 5},
        ),
        (
            ["Página de origen", "Valor", "Página de destino", "Texto ancla", "Primera vez visto", "Nofollow", "N"],
            {"source_url": 0, "target_url": 2, "anchor": 3, "first_seen": 4, "nofollow": 5},
        ),
        (
            ["Page référente", "Valeur", "Page liée", "Texte d'ancrage", "Vu la dernière fois", "Nofollow", "N"],
            {"source_url": 0, "target_url": 2, "anchor": 3, "last_seen": 4, "nofollow": 5},
        ),
        # Headings that say nothing: what is linked is the column in which one domain is nearly all.
        (["Seite", "Wert", "Ziel", "Wort", "Tag", "Art", "Zahl"], {"source_url": 0, "target_url": 2}),
        (["page", "value", "page 2", "word", "day", "kind", "number"], {"source_url": 0, "target_url": 2}),
    ],
)
def test_what_columns_are_is_told_by_headings_and_cells(headings, expected):
    assert propose_columns(headings, LINKS) == {name: headings[place] for name, place in expected.items()}


@pytest.mark.parametrize("heading", ["Link Status", "Type", "Attribute", "Rel attributes", "link_type"])
def test_whether_links_are_followed_may_stand_below_other_words_where_all_cells_say_so(heading):
    headings = ["From", "Wert", "To", "Wort", "Tag", heading, "Zahl"]
    expected = {"source_url": "From", "target_url": "To", "nofollow": heading}
    assert propose_columns(headings, LINKS) == expected
    redirected = [*LINKS, [*LINKS[0][:5], "redirect", "4"]]
    assert propose_columns(headings, redirected) == {"source_url": "From", "target_url": "To"}


@pytest.mark.parametrize("heading", ["Rel", "linkRels", "Rel attribute"])
def test_a_rel_attribute_is_told_by_what_stands_in_it_in_any_order(heading):
    cells = ["external nofollow ugc", "", "noopener", "nofollow me"]
    rows = [[f"https://{n}.example/a", "https://me.example/", cell] for n, cell in zip("abcd", cells, strict=True)]
    assert propose_columns(["From", "To", heading], rows)["nofollow"] == heading
    for cell in ("friend of Ann", "ugc" + " " * 200_000 + "x"):  # the second took minutes to tell
        assert "nofollow" not in propose_columns(["From", "To", heading], [*rows, [*rows[0][:2], cell]])


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Date", "first_seen"),
        ("Publish date", "first_seen"),
        ("Zuerst gefunden", "first_seen"),
        ("Datum", "first_seen"),
        ("Last Found Date", "last_seen"),
        ("Last check date", "last_seen"),
        ("Zuletzt gefunden", "last_seen"),
        ("Date Paid", None),
        ("Outreach date", None),
        ("Last contact", None),
        ("Metrics Update Date", None),
    ],
)
def test_of_two_days_neither_is_taken_for_the_other_nor_what_users_did_for_either(heading, column):
    rows = [["https://a.example/1", "me.example", "2026-01-02"], ["https://b.test/2", "me.example", "2026-02-03"]]
    found = propose_columns(["From", "To", heading], rows)
    assert found == {"source_url": "From", "target_url": "To"} | ({column: heading} if column else {})


@pytest.mark.parametrize("heading", ["Linktext", "Ankertext", "Texte d'ancrage", "Texto ancla", "Texto âncora"])
def test_anchors_are_told_in_the_languages_of_tools(heading):
    rows = [["https://a.example/1", "me.example", "oak desks"], ["https://b.test/2", "me.example", "here"]]
    assert propose_columns(["From", "To", heading], rows)["anchor"] == heading


@pytest.mark.parametrize("heading", ["Link", "URL", "Seite"])
def test_pages_of_several_domains_beside_anchors_are_those_that_link(heading):
    rows = [["https://a.example/1", "oak desks", "40"], ["https://b.test/2", "here", "7"]]
    found = {"source_url": heading, "anchor": "Anchor Text", "authority": "Trust Flow"}
    assert propose_columns([heading, "Anchor Text", "Trust Flow"], rows) == found
    own = [[f"https://me.example/{n}", *row[1:]] for n, row in enumerate(rows)]
    assert propose_columns([heading, "Anchor Text", "Trust Flow"], own) == {}
    assert propose_columns([heading, "Title", "Trust Flow"], rows) == {}


@pytest.mark.parametrize(
    "heading",
    [
        *("Last contacted", "Contact date", "Date of last email", "Last reply", "Replied (date)", "date_sent"),
        *("Follow-up date", "Last follow up", "Invoice date", "Date paid", "Payment date", "Due date", "Order date"),
        *("Domain expiry date", "Registration date", "First outreach"),
    ],
)
def test_days_of_outreach_of_payment_and_of_domains_are_no_days_on_which_a_link_was_seen(heading):
    assert propose_columns(["From", "To", heading], [[row[0], row[2], row[4]] for row in LINKS]) == {
        "source_url": "From",
        "target_url": "To",
    }


@pytest.mark.parametrize("heading", ["Date placed", "Publication date", "Date", "First response", "Last response date"])
def test_other_days_may_be(heading):
    found = propose_columns(["From", "To", heading], [[row[0], row[2], row[4]] for row in LINKS])
    assert heading in {found.get("first_seen"), found.get("last_seen")}


@pytest.mark.parametrize(
    "joined",
    [
        ["page_from", "domain_rating", "page_to", "link_text", "first_seen", "no_follow", "last_visited"],
        ["pageFrom", "domainRating", "pageTo", "linkText", "firstSeen", "noFollow", "lastVisited"],
    ],
)
def test_words_of_a_heading_may_be_joined_as_programs_join_them(joined):
    expected = {"source_url": 0, "authority": 1, "target_url": 2, "anchor": 3, "first_seen": 4, "nofollow": 5}
    assert propose_columns(joined, LINKS) == {name: joined[place] for name, place in expected.items()}


@pytest.mark.parametrize("count", ["Nofollow links", "dofollow_backlinks", "referring_pages_nofollow"])
def test_how_many_links_are_followed_is_no_word_on_whether_one_is(count):
    rows = [["one.example", "7", "1"], ["two.example", "5", "0"]]
    assert propose_columns(["Domain", "Links", count], rows) == {"source_domain": "Domain", "links": "Links"}


@pytest.mark.parametrize("words", [("Ja", "Nein"), ("oui", "non"), ("sì", "no"), ("нет", "да"), ("はい", "いいえ")])
def test_yes_and_no_are_flags_in_the_languages_that_they_are_read_in(words):
    rows = [[f"https://{n}.example/a", "https://me.example/", word] for n, word in enumerate(words)]
    expected = {"source_url": "URL", "target_url": "Ziel-URL", "nofollow": "Nofollow"}
    assert propose_columns(["URL", "Ziel-URL", "Nofollow"], rows) == expected


@pytest.mark.parametrize("cells", [("true", "false"), ("3", "1,240")])
def test_whether_a_link_is_one_by_text_or_how_many_are_is_no_anchor(cells):
    rows = [[f"https://{n}.example/a", "https://me.example/", cell] for n, cell in enumerate(cells)]
    assert propose_columns(["From", "To", "Text"], rows) == {"source_url": "From", "target_url": "To"}


def test_a_column_that_is_blank_in_most_rows_is_not_what_is_linked():
    rows = [[f"https://{n}.example/a", "https://cdn.test/x.png" if n == "one" else ""] for n in ("one", "two", "three")]
    linked = [[*row, "https://me.example/"] for row in rows]
    headings = ["Backlink", "Bild", "Seite"]
    assert propose_columns(headings, linked) == {"source_url": "Backlink", "target_url": "Seite"}
    assert propose_columns(headings[:2], rows) == {"source_url": "Backlink"}


def test_who_links_most_is_not_what_is_linked_where_some_targets_are_blank():
    rows = [[f"https://a.example/{n}", "https://me.example/"] for n in range(8)]
    rows = [
        *rows,
        ["https://a.example/8", ""],
        ["https://a.example/9", ""],
        ["https://b.example/", "https://me.example/b"],
    ]
    assert propose_columns(["Quelle", "Ziel"], rows) == {"source_url": "Quelle", "target_url": "Ziel"}
    assert propose_columns(["Quelle", "Ziel"], rows[:10]) == {}


def test_the_page_that_is_linked_goes_before_its_domain():
    rows = [["me.example", f"https://{n}.example/a", "https://me.example/shop/"] for n in ("one", "two")]
    expected = {"source_url": "referringPage", "target_url": "targetUrl"}
    assert propose_columns(["target", "referringPage", "targetUrl"], rows) == expected


@pytest.mark.parametrize("home", ["{}", "https://{}", "http://{}/"])
@pytest.mark.parametrize("heading", ["Referring Domain", "Domäne"])
def test_a_list_of_domains_is_told_with_its_links(heading, home):
    rows = [["one.example", "34", "1,240", "2026-01-01"], ["two.example", "5", "7", "2026-01-02"]]
    rows = [[home.format(domain), *rest] for domain, *rest in rows]
    headings = [heading, "Authority", "Backlinks", "First seen"]
    names = ("source_domain", "authority", "links", "first_seen")
    assert propose_columns(headings, rows) == dict(zip(names, headings, strict=True))


@pytest.mark.parametrize(
    ("headings", "rows"),
    [
        ([], []),
        (["Name", "Total"], [["Ann", "3"]]),
        (["Source URL", "Target URL"], []),
        (["Target URL", "Visits"], [["https://me.example/", "3"], ["https://me.example/a", "2"]]),
        (["Target", "Destination", "Visits"], [["me.example", "one.example", "3"], ["me.example", "two.example", "2"]]),
        (["domain", "page", "backlinks"], [["me.example", "https://me.example/", "3"]] * 2),
        (["Outbound domain", "Links"], [["one.example", "3"], ["two.example", "2"]]),
        (["Source URL", "Mail"], [["", "ann@one.example"], ["", "bob@two.example"]]),
        (["", ""], [["https://one.example/", "https://me.example/"]]),
    ],
)
def test_where_nothing_looks_like_pages_that_link_nothing_is_proposed(headings, rows):
    assert propose_columns(headings, rows) == {}


@pytest.mark.parametrize("told", ["nofollow", "dofollow"])
def test_what_tells_of_every_link_goes_before_what_is_blank_for_most(told):
    rows = [["https://one.example/", "b.example", "", "yes"], ["https://two.example/", "b.example", "nofollow", "no"]]
    found = propose_columns(["From", "To", "Rel", told], rows)
    assert found == {"source_url": "From", "target_url": "To", told: told}


def test_one_column_tells_whether_links_are_followed():
    rows = [["https://a.example/", "me.example", "text", "yes"], ["https://b.example/", "me.example", "image", "no"]]
    found = {"source_url": "From", "target_url": "To", "dofollow": "DoFollow"}
    assert propose_columns(["From", "To", "Link type", "DoFollow"], rows) == found
    flags = [[*row[:2], "nofollow", "no"] for row in rows]
    found = {"source_url": "From", "target_url": "To", "nofollow": "Rel"}
    assert propose_columns(["From", "To", "Rel", "DoFollow"], flags) == found


@pytest.mark.parametrize("planned", ["Follow-up", "Follow up", "Followed up"])
def test_whom_to_ask_again_is_no_word_on_following(planned):
    found = {"source_url": "From", "target_url": "To"}
    pages = [["https://a.example/", "rival.example", "no"], ["https://b.test/", "rival.example", "yes"]]
    assert propose_columns(["From", "To", planned], pages) == found


@pytest.mark.parametrize("part", ["Nofollow backlinks", "Dofollow Backlinks", "Lost backlinks", "new_backlinks"])
def test_some_of_the_links_are_not_all_of_them(part):
    rows = [["one.example", "12", "1,240"], ["two.example", "5", "7"]]
    found = propose_columns(["Referring Domain", part, "Backlinks"], rows)
    assert found == {"source_domain": "Referring Domain", "links": "Backlinks"}


@pytest.mark.parametrize(
    ("headings", "page", "domain"),
    [
        (["Linking Page InLink Rank", "Domain InLink Rank"], 0, 1),
        (["Domain Rating", "URL Rating"], 1, 0),
        (["PA", "DA"], 0, 1),
        (["Page Authority", "Page Trust"], 0, None),
        (["Power*Trust", "Power*Trust dom"], None, 1),
        (["Referring page domain rating", "Visits"], None, 0),
        (["Rank", "Visits"], None, 0),
        (["Target Rank", "Domain Rank"], None, 1),
        (["TargetPageTrust", "SourcePageTrust"], 1, None),
    ],
)
def test_the_rank_of_a_page_is_no_authority_of_its_domain(headings, page, domain):
    found = propose_columns(["From", "To", *headings], [["https://a.example/1", "me.example", "12", "34"]] * 2)
    expected = {"page_authority": page, "authority": domain}
    assert found == {"source_url": "From", "target_url": "To"} | {
        column: headings[place] for column, place in expected.items() if place is not None
    }


@pytest.mark.parametrize(
    ("heading", "cells", "column", "lost"),
    [
        ("Status", ["OK", "LNF", "WLP"], "is_lost", [False, True, False]),
        ("Link status", ["Active", "Lost", "New"], "is_lost", [False, True, False]),
        ("Link State", ["link found", "Link not found", "REMOVED"], "is_lost", [False, True, True]),
        ("Deleted", ["no", "yes", "no"], "is_lost", [False, True, False]),
        ("lostlink", ["false", "true", "false"], "is_lost", [False, True, False]),
        ("Date lost", ["", "2026-02-01", ""], "lost", [False, True, False]),
        ("Lost", ["", "", ""], "lost", [False] * 3),
        ("Lost links", ["0", "1", "0"], None, [False] * 3),
        ("Status", ["yes", "no", "yes"], None, [False] * 3),
        ("Status", ["200", "404", "200"], None, [False] * 3),
        ("Target HTTP status", ["OK", "404", "OK"], None, [False] * 3),
        ("LinkToPageStatus", ["ok", "not found", "ok"], None, [False] * 3),
    ],
)
def test_what_is_said_of_lost_links_is_proposed_and_read(heading, cells, column, lost, tmp_path):
    file = tmp_path / "links.csv"
    rows = (f"https://a{n}.example/,https://me.example/,{cell}\n" for n, cell in enumerate(cells))
    file.write_text(f"Page From,Page To,{heading}\n" + "".join(rows))
    with pytest.raises(NotBacklinksError) as said:
        lg.read_links(file)
    found = {"source_url": "Page From", "target_url": "Page To"} | ({column: heading} if column else {})
    assert said.value.proposed == found
    links = lg.read_links(file, columns=found)
    assert links.frame["is_lost"].tolist() == lost
    assert links.receipts[["lost", "unread_values"]].to_numpy().tolist() == [[sum(lost), 0]]


@pytest.mark.parametrize("column", ["is_lost", "lost"])
def test_the_state_of_a_link_is_read_in_the_words_of_tools(column, tmp_path):
    file = tmp_path / "links.csv"
    cells = ["Active", "ok", "Removed", "404", "200"]
    file.write_text("P,T,S\n" + "".join(f"https://a{n}.example/,b.example,{c}\n" for n, c in enumerate(cells)))
    found = lg.read_links(file, columns={"source_url": "P", "target_url": "T", column: "S"}).frame["is_lost"]
    assert found.tolist() == [False, False, True, True, False]


def test_cells_belie_a_heading():
    rows = [["https://one.example/", "about us", "soon"], ["https://two.example/", "7", "2026-01-02"]]
    assert propose_columns(["Source", "Authority", "First seen"], rows) == {"source_url": "Source"}


def test_what_is_proposed_is_what_the_file_says(tmp_path):
    headings = "Link From,DR,Link To,Anchor,Date Found,Follow?,No.\n"
    file = tmp_path / "links.csv"
    file.write_text(headings + "".join(f"{','.join(row[:3])},x,{','.join(row[4:])}\n" for row in LINKS))
    with pytest.raises(NotBacklinksError, match=r"this looks right: read_links\(..., columns={\"source_url\"") as said:
        lg.read_links(file)
    links = lg.read_links(file, columns=said.value.proposed)
    assert links.sites == ("me.example",)
    frame = links.frame.set_index("source_domain").sort_index()
    assert frame["follow_links"].to_dict() == {"one.example": 1, "three.example": 0, "two.example": 0}
    assert frame["authority"].tolist()[0] == 34
    assert str(frame["first_seen"].max().date()) == "2026-03-02"


@pytest.mark.parametrize(
    ("column", "cells", "nofollow"),
    [
        ("nofollow", ["nofollow", "No-follow, UGC", "no follow"], True),
        ("nofollow", ["dofollow", " Follow ", "do-follow", "followed", "false"], False),
        ("nofollow", ["text", "noopener", "followers"], None),
        ("dofollow", ["no", "nofollow", "0"], True),
        ("dofollow", ["yes", "dofollow", "follow", "x"], False),
    ],
)
def test_nofollow_is_said_in_words_or_by_its_opposite(column, cells, nofollow, tmp_path):
    file = tmp_path / "links.csv"
    file.write_text("Page,To,Kind\n" + "".join(f'https://a{n}.example/,b.example,"{c}"\n' for n, c in enumerate(cells)))
    found = lg.read_links(file, columns={"source_url": "Page", "target_url": "To", column: "Kind"}).frame["nofollow"]
    assert found.astype(object).where(found.notna(), None).tolist() == [nofollow] * len(cells)


def test_lost_links_are_said_by_the_opposite_too(tmp_path):
    file = tmp_path / "links.csv"
    cells = ("yes", "0", "", "dead")
    file.write_text("Page,To,Is live?\n" + "".join(f"https://a{n}.x/,b.example,{c}\n" for n, c in enumerate(cells)))
    with pytest.raises(lg.LinkgapError, match="is not a backlink export that linkgap knows") as refused:
        lg.read_links(file)
    assert refused.value.proposed == {"source_url": "Page", "target_url": "To", "is_live": "Is live?"}
    assert lg.read_links(file, columns=refused.value.proposed).frame["is_lost"].tolist() == [False, True, False, True]
    rows = [["https://a.test/1", "b.example", "0", "live"], ["https://c.test/", "b.example", "1", "lost"]]
    for heading in ("Link found", "Links Back", "link_back"):
        assert propose_columns(["Page", "To", heading, "State"], rows)["is_live"] == heading
    assert "is_live" not in propose_columns(["Page", "To", "Link found", "Lost"], [[*row[:3], "no"] for row in rows])


def test_no_heading_is_proposed_that_several_columns_have(tmp_path):
    """Whichever is meant, the first would be read."""
    rows = "me.example,x,https://a.example/1,5\nme.example,y,https://b.test/2,7\n"
    (tmp_path / "links.csv").write_text(f"Target,,Source,\nURL,Anchor,URL,DR\n{rows}")
    words = r"several of its columns are headed URL\. Give each its own heading, such as Source and Target\.$"
    with pytest.raises(lg.LinkgapError, match=words):
        lg.read_links(tmp_path / "links.csv")


def test_the_line_that_tells_excel_the_delimiter_is_no_heading(tmp_path):
    file = tmp_path / "links.csv"
    file.write_text(
        "sep=;\nVon;Nach\nhttps://a.example/1;https://me.example/\nhttps://b.example/2;https://me.example/\n"
    )
    with pytest.raises(NotBacklinksError, match="Its columns are: Von, Nach") as said:
        lg.read_links(file)
    assert lg.read_links(file, columns=said.value.proposed).frame["source_domain"].tolist() == [
        "a.example",
        "b.example",
    ]
    file.write_text("sep=;\na.example\nb.example\n")
    links = lg.read_links({"me.example": file})
    assert (links.receipts["rows"].tolist(), links.row_count) == ([2], 2)


AHREFS = ("Referring page URL,Target URL,Domain rating,Lost", "https://a{}.example/,https://me.example/,50,")
SEMRUSH = ("Source url,Target url,Anchor,Page ascore,Lost link", "https://a{}.example/,https://me.example/,x,5,false")
DOMAINS = ("Domain,DR,Links to target,Dofollow links,New links", "a{}.example,50,9,4,1")
MOZ = ("URL,Anchor Text,Target URL,Spam Score,PA,DA", "https://a{}.example/,x,me.example,1,20,30")


@pytest.mark.parametrize(
    ("export", "heading", "cells", "lost"),
    [
        (AHREFS, "Link state", ["live", "lost", "live"], [False, True, False]),
        (SEMRUSH, "Status", ["Removed", "Active", ""], [True, False, False]),
        (MOZ, "Backlink status", ["not found", "", "OK"], [True, False, False]),
        (AHREFS, "Deleted?", ["no", "yes", "no"], [False, True, False]),
        (MOZ, "lostlink", ["false", "true", "false"], [False, True, False]),
        (MOZ, "Link status", ["404", "200", "200"], [True, False, False]),
        (DOMAINS, "Lost links", ["0", "1", "0"], None),
        (DOMAINS, "lost_links", ["no", "yes", "no"], [False, True, False]),
        (SEMRUSH, "Link live?", ["yes", "no", "no"], [False, True, True]),
        (AHREFS, "is_live", ["1", "0", ""], [False, True, False]),
        (DOMAINS, "linkFound", ["true", "false", "true"], [False, True, False]),
        (MOZ, "is_exist", ["True", "False", "True"], [False, True, False]),
        (AHREFS, "Link found", ["found", "not found", ""], [False, True, False]),
        (AHREFS, "Live", ["nofollow", "", "follow"], None),
        (AHREFS, "Active", ["yes", "no", "no"], None),
        (SEMRUSH, "Link exists", ["yes", "no", "no"], None),
        (AHREFS, "Live links", ["1", "0", "0"], None),
        (MOZ, "Removed on", ["", "2026-02-01", ""], [False, True, False]),
        (SEMRUSH, "date_lost", ["", "2026-02-01", ""], [False, True, False]),
        (SEMRUSH, "Status", ["contacted", "lost", ""], None),
        (AHREFS, "Status", ["new", "", "new"], None),
        (MOZ, "Status", ["404", "200", "200"], None),
        (AHREFS, "Outreach status", ["lost", "live", ""], None),
        (SEMRUSH, "Removed from plan", ["yes", "no", ""], None),
        (MOZ, "Follow-up", ["yes", "no", "yes"], None),
        (SEMRUSH, "Owner", ["Ann", "Bob", "Ann"], None),
    ],
)
def test_a_column_on_lost_links_that_was_added_to_a_known_report_is_read_and_said(
    export, heading, cells, lost, tmp_path
):
    file = tmp_path / "me.example.csv"
    titles, row = export
    file.write_text(f"{titles},{heading}\n" + "".join(f"{row.format(n)},{cell}\n" for n, cell in enumerate(cells)))
    for given in (file, pd.read_csv(file, dtype=str, keep_default_na=False)):
        links = lg.read_links({"me.example": given})
        assert links.frame["is_lost"].tolist() == (lost or [False] * 3)
        note, unread = links.receipts.loc[0, ["note", "unread_values"]]
        assert (note or "").startswith(f"its column {heading!r}, which is not part of ") == (lost is not None)
        assert unread == 0


ANYBODYS = [
    ("https://a.example/", "https://me.example/", "desks", "false", "40"),
    ("https://b.example/", "https://me.example/", "oak", "true", "7"),
]


@pytest.mark.parametrize(
    ("heading", "read_as"),
    [
        ("anchor_text,dofollow,domain_rating", {"anchor": 2, "dofollow": 3, "authority": 4}),
        ("Link text,Nofollow,DA", {"anchor": 2, "authority": 4}),
        ("anchor,is_dofollow,rank", {"dofollow": 3}),
        ("anchor,checked,authority", {}),
        ("anchor,checked,target_authority", {}),
    ],
)
def test_anybodys_table_with_a_source_url_is_read_under_its_own_headings_and_said(heading, read_as, tmp_path):
    titles = ["source_url", "target_url", *heading.split(",")]
    file = tmp_path / "links.csv"
    file.write_text("\n".join(map(",".join, [titles, *ANYBODYS])) + "\n")
    found = ", ".join(f"{titles[place]!r} as {column}" for column, place in read_as.items())
    for links in (lg.read_links(file), lg.read_links(pd.DataFrame(ANYBODYS, columns=titles), sites=["me.example"])):
        frame, note = links.frame, links.receipts["note"].iloc[0]
        assert note == (f"columns read in addition to those of linkgap links: {found}" if found else None)
        assert frame["anchor"].tolist() == ["desks", "oak"]
        assert frame["authority"].dropna().tolist() == ([] if titles[4] in {"rank", "target_authority"} else [40, 7])
        nofollow = {"dofollow": [True, False], "Nofollow": [False, True], "is_dofollow": [True, False]}
        assert frame["nofollow"].dropna().tolist() == nofollow.get(titles[3], [])


@pytest.mark.parametrize(
    ("heading", "linking"),
    [
        ("target_page", ["a.example"]),
        ("Destination URL", ["a.example"]),
        ("competitor", ["a.example"]),
        ("competitor's contact", ["a.example", "b.example"]),
        ("LinkedIn URL", ["a.example", "b.example"]),
        ("page to contact", ["a.example", "b.example"]),
    ],
)
def test_what_anybodys_table_with_a_source_url_links_to_is_read_where_a_heading_says_so(heading, linking, tmp_path):
    rows = [["https://me.example/", "https://a.example/1"], ["https://rival.example/b", "https://b.example/2"]]
    table = pd.DataFrame(rows, columns=[heading, "source_url"])
    table.to_csv(tmp_path / "me.example.csv", index=False)
    for given in (tmp_path / "me.example.csv", {"me.example": table}):
        assert sorted(lg.read_links(given).frame["source_domain"]) == linking


@pytest.mark.parametrize(
    ("heading", "cells", "linking"),
    [
        ("Target page", ["https://me.example/", "https://rival.example/b"], ["a.example"]),
        ("target_domain", ["me.example", "rival.example"], ["a.example"]),
        ("Target URL", ["/", "/shop"], ["a.example", "b.example"]),
        ("Target page", ["", ""], ["a.example", "b.example"]),
    ],
)
def test_targets_that_a_user_added_to_latest_links_are_read_where_they_are_addresses(heading, cells, linking, tmp_path):
    rows = [f"{cell},https://{n}.example/1,2026-01-02" for n, cell in zip("ab", cells, strict=True)]
    (tmp_path / "me.example.csv").write_text("\n".join([f"{heading},Linking page,Last crawled", *rows]))
    links = lg.read_links(tmp_path / "me.example.csv")
    assert sorted(links.frame["source_domain"]) == linking
    note = f"columns read in addition to those of Search Console latest links: {heading!r} as target_url"
    assert links.receipts["note"].tolist() == [note if len(linking) == 1 else None]


def test_anchors_are_read_where_a_program_gave_them_another_heading(tmp_path):
    (tmp_path / "links.csv").write_text(
        "url_from,domain_from,url_to,anchor_text,dofollow\nhttps://a.test/1,a.test,https://me.example/,desks,true\n"
    )
    links = lg.read_links(tmp_path / "links.csv")
    assert links.frame[["provider", "anchor"]].to_numpy().tolist() == [["dataforseo", "desks"]]
    assert links.receipts["note"][0].endswith(" those of DataForSEO backlinks: 'anchor_text' as anchor")


def test_columns_beside_the_links_of_a_single_domain_are_read():
    """As in a sample of a list that is sorted by who links."""
    table = {
        "source_domain": ["a.example"] * 2,
        "target_url": ["https://me.example/"] * 2,
        "anchor_text": ["desks", "oak"],
    }
    assert lg.read_links(pd.DataFrame(table)).frame["anchor"].tolist() == ["desks", "oak"]


@pytest.mark.parametrize(
    ("heading", "cells", "nofollow"),
    [
        ("Dofollow", ["true", "false"], [False, True]),
        ("Link type", ["Follow", "nofollow, ugc"], [False, True]),
        ("Link type", ["text", "image"], []),
        ("Link type", ["external", "external"], []),
        ("Follow", ["yes", "no"], []),
        ("Follow-up", ["yes", "no"], []),
    ],
)
def test_whether_links_are_followed_is_read_where_it_was_added_to_a_list_that_lacks_it(
    heading, cells, nofollow, tmp_path
):
    file = tmp_path / "links.csv"
    titles, row = AHREFS
    file.write_text(f"{titles},{heading}\n" + "".join(f'{row.format(n)},"{cell}"\n' for n, cell in enumerate(cells)))
    links = lg.read_links(file)
    assert links.frame["nofollow"].dropna().tolist() == nofollow
    assert (heading in str(links.receipts["note"].iloc[0])) == bool(nofollow)
    own = file.read_text().replace("Lost,", "Nofollow,").replace(",50,,", ",50,true,")
    file.write_text(own)
    assert lg.read_links(file).frame["nofollow"].tolist() == [True, True]


def test_whether_links_are_followed_is_read_from_a_column_of_the_export_where_that_says_so_in_words(tmp_path):
    """As `Type` does in lists that people made from Ahrefs exports; else it says what kind of link it is."""
    file = tmp_path / "links.csv"
    titles, row = AHREFS
    for cells, nofollow in (
        (["Follow", "Nofollow"], [False, True]),
        (["text", "image"], []),
        (["text", "nofollow"], []),
    ):
        file.write_text(f"{titles},Type\n" + "".join(f"{row.format(n)},{cell}\n" for n, cell in enumerate(cells)))
        links = lg.read_links(file)
        assert links.frame["nofollow"].dropna().tolist() == nofollow
        assert ("'Type' as nofollow" in str(links.receipts["note"].iloc[0])) == bool(nofollow)


def test_what_a_mapping_leaves_out_is_not_read(tmp_path):
    file = tmp_path / "me.example.csv"
    file.write_text("Page From,Page To,Status\nhttps://a.example/,https://me.example/,lost\n")
    links = lg.read_links(file, columns={"source_url": "Page From", "target_url": "Page To"})
    assert (links.frame["is_lost"].tolist(), links.receipts["note"].tolist()) == ([False], [None])


@pytest.mark.parametrize(
    ("titles", "sampled"),
    [
        ("Linking page,Status", True),
        ("Linking page,Last crawled,Status", True),
        ("Verlinkende Seite,Zuletzt gecrawlt,Status", True),
        ("Linking page,Links to,Status", False),
        ("Page from,Status", False),
    ],
)
def test_a_mapped_list_of_search_console_stays_a_sample(titles, sampled, tmp_path):
    cells = {"Last crawled": "2026-10-02", "Zuletzt gecrawlt": "2026-10-02", "Links to": "https://me.example/"}
    columns = titles.split(",")
    rows = [[f"https://{name}.example/", *(cells.get(title, "live") for title in columns[1:])] for name in "ab"]
    frame = pd.DataFrame(rows, columns=columns)
    frame.to_csv(tmp_path / "me.example.csv", index=False)
    mapped = {"source_url": columns[0], "is_lost": "Status"} | (
        {"target_url": "Links to"} if "Links to" in columns else {}
    )
    links = lg.read_links(tmp_path, columns=mapped)
    assert links.receipts["report"].tolist() == ["mapped columns"]
    assert links.receipts["partial"].tolist() == ["Search Console shows a sample" if sampled else None]


def test_more_sample_links_in_translation_are_a_sample_by_their_files_name(tmp_path):
    exported = "https___me.example_-Weitere Beispiellinks-2026-10-22"
    copies = [f"{exported}(1)", f"{exported} - Kopie", f"{exported}.csv - Sheet1", f"Copy of {exported}"]
    for name in (exported, *copies, "me.example-pages-2026-10-22"):
        (tmp_path / f"{name}.csv").write_text("Verlinkende Seite\nhttps://a.example/1\nhttps://b.test/2\n")
    partial = lg.read_links(tmp_path).receipts.set_index("file")["partial"]
    assert partial.pop("me.example-pages-2026-10-22.csv") is None
    assert partial.tolist() == ["Search Console shows a sample"] * 5
