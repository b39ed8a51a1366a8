"""Each command once as it should go and once as it should not, on the same set-up."""

import pytest
from sqlalchemy import select

from app.db import open_database
from app.models import Book, Contact, Holding
from app.models.kinds import HoldingKind
from tests.cli.conftest import BASE_URL, Kustod
from tests.factories import LONG_AGO


@pytest.fixture
def office(kustod_sqlite: Kustod) -> Kustod:
    """An owner, a colleague, a directory."""
    run = kustod_sqlite
    run.json("user", "add", "olga@example.org", "--name", "Olga", "--role", "owner")
    run.json("user", "add", "eva@example.org", "--name", "Eva")
    run.json("directory", "add", "firms", "--name", "Firmy", "--preset", "customers-firms")
    return run


@pytest.fixture
def karel(office: Kustod) -> str:
    """The uid of a person in the directory."""
    said = ("--given", "Karel", "--family", "Novotný", "--phone", "cell=777 123 456")
    return str(office.json("contact", "add", "--directory", "firms", *said)["uid"])


def test_user(office: Kustod) -> None:
    made = office.json(
        *("user", "add", "jan@example.org", "--name", "Jan", "--role", "dpo", "--role", "admin"),
        "--password-stdin",
        stdin="a password of my own\n",
    )
    assert made.keys() == {"id", "email", "name", "roles"}
    assert made["roles"] == ["admin", "dpo"]
    refusal = office.error(
        *("user", "add", "x@example.org", "--name", "X", "--password-stdin"), stdin="short\n"
    )
    assert "password" in refusal
    assert "already" in office.error("user", "add", "JAN@example.org", "--name", "Jan")
    users = office.json("user", "list")
    assert [user["email"] for user in users] == [
        *("eva@example.org", "jan@example.org", "olga@example.org")
    ]
    assert "state" in users[0]
    said = office("user", "add", "new@example.org", "--name", "New").out
    assert "Password, shown this once: " in said


def test_user_disable(office: Kustod, karel: str) -> None:
    office.json("contact", "assign", karel, "eva@example.org")
    office.json("user", "disable", "eva@example.org", "--hand-over-to", "olga@example.org")
    states = {user["email"]: user["state"] for user in office.json("user", "list")}
    assert states == {"eva@example.org": "disabled", "olga@example.org": "active"}
    assert "last owner" in office.error("user", "disable", "olga@example.org")
    assert "no user" in office.error("user", "disable", "nobody@example.org")


def test_team(office: Kustod) -> None:
    assert office("team", "list").out == "There is no team yet.\n"
    assert office.json("team", "add", "stavba", "--name", "Stavba")["slug"] == "stavba"
    assert "already" in office.error("team", "add", "stavba", "--name", "Stavba")
    done = office.json("team", "member", "stavba", "eva@example.org", "--until", "2099-01-01")
    assert done["until"] == "2099-01-01T23:00:00.000000Z"
    assert office.json("team", "list")[0]["members"] == ["eva@example.org"]
    office.json("team", "member", "stavba", "eva@example.org", "--end")
    assert office.json("team", "list")[0]["members"] == []
    assert "no team" in office.error("team", "member", "nothing", "eva@example.org")
    both = office("team", "member", "stavba", "eva@example.org", "--end", "--until", "2099-01-01")
    assert both.code == 2
    assert "--end" in both.err


def test_directory_and_purpose(office: Kustod) -> None:
    office.json("purpose", "add", "news", "--name", "Novinky")
    office.json("purpose", "add", "roofs", "--name", "Střechy", "--parent", "news")
    assert "no purpose" in office.error("purpose", "add", "x", "--name", "X", "--parent", "y")
    parents = {row["slug"]: row["parent"] for row in office.json("purpose", "list")}
    assert parents == {"firms": None, "news": None, "roofs": "news"}
    made = office.json(
        *("directory", "add", "letters", "--name", "Dopisy", "--preset", "newsletter"),
        *("--basis", "legitimate-interest", "--purpose", "roofs", "--sync", "managed"),
        *("--owner", "eva@example.org"),
    )
    assert (made["basis"], made["sync"]) == ("legitimate-interest", "managed")
    listed = {row["slug"]: row for row in office.json("directory", "list")}
    assert listed["letters"]["purpose"] == "roofs"
    assert "Firmy" in office("directory", "list").out
    holders = {row["on"]: row["to"] for row in office.json("grant", "list")}
    assert holders == {"firms": "olga@example.org", "letters": "eva@example.org"}


def test_grant(office: Kustod) -> None:
    office.json("team", "add", "stavba", "--name", "Stavba")
    made = office.json(
        *("grant", "add", "--to", "team:stavba", "--on", "directory:firms", "--can", "read, sync"),
        *("--scope", "assigned", "--fields", "minimal", "--reason", "site"),
        *("--from", "2026-01-01", "--until", "2099-06-30T12:00"),
    )
    assert made["from"] == "2025-12-31T23:00:00.000000Z"
    assert made["until"] == "2099-06-30T10:00:00.000000Z"
    row = office.json("grant", "list")[-1]
    assert (row["id"], row["to"], row["can"]) == (made["id"], "team:stavba", ["read", "sync"])
    assert (row["fields"], row["reason"], row["scope"]) == ("minimal", "site", "assigned")
    to_eva = ("grant", "add", "--to", "eva@example.org", "--on")
    assert "fly" in office.error(*to_eva, "directory:firms", "--can", "fly")
    assert "no directory" in office.error(*to_eva, "directory:none", "--can", "read")
    past = office.error(*to_eva, "directory:firms", "--can", "read", "--until", "2020-01-01")
    assert "ends before it begins" in past
    ended = office.json("grant", "end", made["id"])
    assert office.json("grant", "end", made["id"])["until"] == ended["until"]
    assert "no such grant" in office.error("grant", "end", 99)
    assert office("grant", "end", "x").code == 2


def test_project(office: Kustod, karel: str) -> None:
    made = office.json(
        "project", "add", "most", "--name", "Most", "--starts", "2026-01-01", "--ends", "2098-12-31"
    )
    assert made["starts"] == "2025-12-31T23:00:00.000000Z"
    assert made["ends"] == "2098-12-31T23:00:00.000000Z"
    assert "already" in office.error("project", "add", "most", "--name", "Most")
    office.json("project", "member", "most", "eva@example.org", "--until", "2090-01-01")
    office.json("project", "contact", "most", karel)
    row = office.json("project", "list")[0]
    assert (row["members"], row["contacts"], row["is_open"]) == (["eva@example.org"], 1, True)
    assert "no such contact" in office.error("project", "contact", "most", "nobody")
    assert "no project" in office.error("project", "end", "nothing")
    assert "has ended" in office("project", "end", "most").out
    assert office.json("project", "list")[0]["is_open"] is False


def test_basis(office: Kustod, karel: str) -> None:
    sees = ("why", "olga@example.org", karel)
    assert office.json(*sees)["verdict"] == "visible"
    assert office.json("basis", "end", karel, "--kind", "consent")["ended"] == 0
    assert office.json("basis", "end", karel)["ended"] == 1
    assert office.json(*sees)["verdict"] == "hidden"
    said = ("--kind", "legal-obligation", "--until", "2099-12-31")
    made = office.json("basis", "add", karel, *said)
    assert (made["kind"], made["until"]) == ("legal-obligation", "2099-12-31T23:00:00.000000Z")
    assert "kustod consent record" in office.error("basis", "add", karel, "--kind", "consent")
    assert office.json(*sees)["verdict"] == "visible"
    assert office.json("basis", "add", karel)["kind"] == "contract"
    assert "no such contact" in office.error("basis", "add", "nobody")
    assert office("basis", "add", karel, "--kind", "mood").code == 2


def test_contact_add_and_edit(office: Kustod) -> None:
    made = office.json(
        *("contact", "add", "--directory", "firms", "--given", "Karel", "--family", "Novotný"),
        *("--organisation", "Dřevo", "--phone", "cell=777 123 456", "--phone", "605203938"),
        *("--email", "k@drevo.cz", "--url", "https://x.cz/?a=b", "--category", "vip"),
        *("--address", "Dlouhá 5; Praha; 110 00; Česko", "--birthday", "22. 3. 1980"),
        *("--source", "his card", "--registration-number", "12345678"),
    )
    assert made["id"] == made["uid"]
    assert "legitimate-interest" in made["reason"]
    row = office.json("contact", "list")[0]
    assert (row["name"], row["kind"], row["organisation"]) == ("Karel Novotný", "person", "Dřevo")
    assert row["phones"] == ["777 123 456", "605203938"]
    assert (row["urls"], row["birthday"]) == (["https://x.cz/?a=b"], "1980-03-22")
    assert row["addresses"][0]["postcode"] == "110 00"
    changed = office.json(
        *("contact", "edit", made["uid"], "--given", "Karla", "--phone", "", "--category", "a"),
        *("--category", "b", "--kind", "person", "--source", "rang up"),
    )
    assert changed["changed"] == ["categories", "full_name", "given", "phones"]
    row = office.json("contact", "list")[0]
    assert (row["name"], row["phones"], row["categories"]) == ("Karla Novotný", [], ["a", "b"])
    assert "Changed: nothing." in office("contact", "edit", made["uid"], "--given", "Karla").out
    assert "birthday" in office.error("contact", "edit", made["uid"], "--birthday", "spring")
    assert "no such contact" in office.error("contact", "edit", "nobody", "--given", "x")
    assert office("contact", "edit", made["uid"]).code == 2
    long = "a;b;c;d;e"
    assert office("contact", "add", "--directory", "firms", "--address", long).code == 2
    assert "must be a name" in office.error("contact", "add", "--directory", "firms")
    said = office("contact", "add", "--directory", "firms", "--kind", "organisation", "--name", "F")
    assert said.out.startswith("Added ")


def test_contact_assign(office: Kustod, karel: str) -> None:
    terms = ("--can", "read", "--scope", "assigned")
    office.json("grant", "add", "--to", "eva@example.org", "--on", "directory:firms", *terms)
    seen = ("contact", "list", "--as", "eva@example.org")
    assert office.json(*seen) == []
    office.json("contact", "assign", karel, "eva@example.org")
    assert [row["uid"] for row in office.json(*seen)] == [karel]
    office.json("contact", "assign", karel, "eva@example.org", "--end")
    assert office.json(*seen) == []
    assert office("contact", "list", "--as", "eva@example.org").out == "There is no contact.\n"
    assert "no user" in office.error("contact", "assign", karel, "nobody@example.org")


def test_contact_list_asks_at_any_time_and_for_any_word(office: Kustod, karel: str) -> None:
    found = ("contact", "list", "--query")
    for words, number in (("novotny", 1), ("KAREL novot", 1), ("777123", 1), ("eva", 0)):
        assert len(office.json(*found, words)) == number
    olga = ("contact", "list", "--as", "olga@example.org", "--at")
    assert office.json(*olga, "2020-01-01") == []
    assert [row["uid"] for row in office.json(*olga, "2099-01-01T00:00:00Z")] == [karel]
    assert office("contact", "list", "--at", "tomorrow").code == 2
    assert office("contact", "list", "--channel", "transfer").code == 2


def test_device(office: Kustod) -> None:
    made = office.json(
        *("device", "add", "eva@example.org", "--name", "iPhone", "--photos", "--managed"),
        *("--write", "--layout", "split"),
    )
    listed = office.json("device", "list", "--user", "eva@example.org")
    assert [(row["id"], row["url"]) for row in listed] == [(made["id"], made["url"])]
    assert listed[0]["is_managed"]
    assert office.json("device", "list", "--user", "olga@example.org") == []
    assert office("device", "list", "--user", "olga@example.org").out == "There is no device yet.\n"
    stopped = office.json("device", "stop", made["id"], "--lost")
    assert (stopped["state"], stopped["is_lost"]) == ("emptied", True)
    other = office("device", "add", "eva@example.org", "--name", "Tablet").out
    assert f"URL: {BASE_URL}/dav/" in other
    again = office.json("device", "list")[0]["id"]
    assert "in use" in office.error("device", "give-up", again, "--reason", "gone")
    office.json("device", "stop", again)
    for act in ("stop", "give-up"):
        assert "no such device" in office.error("device", act, "nothing")
    office.json("user", "disable", "eva@example.org")
    assert "disabled" in office.error("device", "add", "eva@example.org", "--name", "x")


def test_why_and_holders(office: Kustod, karel: str) -> None:
    asked = ("why", "eva@example.org", karel)
    found = office.json(*asked, "--channel", "carddav", "--at", "2026-05-03T14:10")
    assert found["verdict"] == "hidden"
    assert {c["kind"] for c in found["clauses"]} == {"grant", "veto"}
    lines = office("why", "olga@example.org", karel).out.splitlines()
    assert lines[0] == "visible"
    assert lines[1].startswith("+ ")
    assert lines[-1].startswith("Fields: ")
    assert office(*asked).out.splitlines()[-1] == "Fields: none"
    for question in (("why", "eva@example.org", "nobody"), ("holders", "nobody")):
        assert "no such contact" in office.error(*question)
    assert office("holders", karel).out == "No device ever held it.\n"


def test_holders_of_a_card_that_a_phone_fetched(office: Kustod, karel: str) -> None:
    phone = office.json("device", "add", "eva@example.org", "--name", "iPhone")
    opened = open_database(office.environment["KUSTOD_DATABASE_URL"])
    with opened.write() as session:
        contact = session.scalars(select(Contact).where(Contact.public_id == karel)).one()
        session.add(
            Holding(
                book_id=session.scalars(select(Book.id)).one(),
                contact_id=contact.id,
                kind=HoldingKind.CARD,
                href=f"{karel}.vcf",
                etag="1",
                version=contact.version,
                profile=1,
                opened_seq=1,
                offered_at=LONG_AGO,
                fetched_at=LONG_AGO,
            )
        )
    opened.engine.dispose()
    (row,) = office.json("holders", karel)
    assert (row["device_id"], row["device"], row["state"]) == (phone["id"], "iPhone", "due")
    assert "contact_id" not in row
    assert "iPhone" in office("holders", karel).out
