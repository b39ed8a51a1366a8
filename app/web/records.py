"""The record of a taking back, as a page and as a paper: of a person who left, of a project."""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.queries import leavers, presses, take_backs
from app.web import papers, record_words
from app.web.access import in_role, signed_in, user, visit
from app.web.papers import Paper
from app.web.people import known
from app.web.portal import portal
from app.web.projects import overseen

pages = Blueprint("records", __name__)


@pages.get("/people/<int(max=2147483647):person>/record")
@in_role("admin", "owner", "dpo")
def of_person(person: int) -> str | Response:
    """What the phones of somebody who left had, and what of it is proved."""
    known(person)
    paper = _of_person(person)
    if paper is None:
        return redirect(url_for("leaving.look", person=person), code=303)
    back, file = (url_for(name, person=person) for name in ("leaving.take_back", _PERSON))
    return render_template("records/show.html", paper=paper, back=back, file=file)


@pages.get("/people/<int(max=2147483647):person>/record.pdf")
@in_role("admin", "owner", "dpo")
def person_paper(person: int) -> Response:
    """The same as a file to print and to keep."""
    known(person)
    paper = _of_person(person)
    if paper is None:
        return redirect(url_for("leaving.look", person=person), code=303)
    return _file(paper, f"record-person-{person}")


@pages.get("/projects/<slug:project>/record")
@signed_in
def of_project(project: str) -> str | Response:
    """What a project gave to phones, and what of it is proved."""
    paper = _of_project(project)
    if paper is None:
        return redirect(url_for("projects.review", project=project), code=303)
    back, file = (url_for(name, project=project) for name in ("projects.take_back", _PROJECT))
    return render_template("records/show.html", paper=paper, back=back, file=file)


@pages.get("/projects/<slug:project>/record.pdf")
@signed_in
def project_paper(project: str) -> Response:
    """The same as a file to print and to keep."""
    paper = _of_project(project)
    if paper is None:
        return redirect(url_for("projects.review", project=project), code=303)
    return _file(paper, f"record-{project}")


_PERSON, _PROJECT = "records.person_paper", "records.project_paper"


def _of_person(person: int) -> Paper | None:
    at = visit().at
    with portal().sessions.read() as session:
        left = leavers.departure(session, person, at)
        back = leavers.of_person(session, person, at)
    if left is None or back is None:
        return None
    return record_words.of_person(left, back, user().name, at)


def _of_project(slug: str) -> Paper | None:
    """None while the project is not over."""
    at, line = visit().at, overseen(slug)
    if line.ends_at > at:
        return None
    with portal().sessions.read() as session:
        end = presses.of_project(session, line.standing.id)
        back = take_backs.of_project(session, line.standing.id, at)
    return record_words.of_project(end, back, user().name, at)


def _file(paper: Paper, name: str) -> Response:
    """The paper as a file, with the name of the organisation that a page has around it."""
    made = " · ".join(filter(None, (visit().desk.organisation, paper.made)))
    response = Response(papers.pdf(replace(paper, made=made)), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response
