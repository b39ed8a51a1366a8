"""Where a viewer's contacts can lie at all: to look for them quickly, never to decide.

Whatever `visible` shows lies within reach (a test holds it to that), so that a list of 50 need
not ask the policy about 100 000 contacts. Reach alone opens nothing: `visible` is asked as well.
"""

from datetime import datetime

from sqlalchemy import BindParameter, CompoundSelect, Select, select, union

from app.models import Assignment, Grant, Participation, Project, ProjectMember
from app.policy.viewer import Viewer
from app.policy.visibility import is_holder, live, within


def directories_in_reach(viewer: Viewer, at: datetime) -> Select[int]:
    """The ids of directories on which he or a team of his holds a live grant, whatever it gives."""
    return select(Grant.directory_id).where(live(Grant, at), is_holder(viewer, at))


def contacts_of_projects(viewer: Viewer, at: datetime) -> Select[int]:
    """The ids of contacts in the open projects that he works in."""
    return (
        select(Participation.contact_id)
        .join(Project, Project.id == Participation.project_id)
        .join(ProjectMember, ProjectMember.project_id == Project.id)
        .where(
            live(Participation, at),
            ProjectMember.user_id == viewer.user_id,
            live(ProjectMember, at),
            within(Project.starts_at, Project.ends_at, at),
        )
    )


def opened_one_by_one(user_ids: BindParameter[int], at: datetime) -> CompoundSelect[int, int]:
    """User and contact, for what a fact about this very contact opens to one of these users.

    That is what is in his charge and what takes part in an open project of his. A grant on the
    directory opens any other contact either with all of its like or not at all.
    """
    charge = select(Assignment.user_id, Assignment.contact_id).where(
        Assignment.user_id.in_(user_ids), live(Assignment, at)
    )
    shared = (
        select(ProjectMember.user_id, Participation.contact_id)
        .join(Participation, Participation.project_id == ProjectMember.project_id)
        .join(Project, Project.id == ProjectMember.project_id)
        .where(
            ProjectMember.user_id.in_(user_ids),
            live(ProjectMember, at),
            live(Participation, at),
            within(Project.starts_at, Project.ends_at, at),
        )
    )
    return union(charge, shared)
