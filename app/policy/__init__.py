"""The one policy that all doors ask: who sees what, with which fields, and who may do what."""

from app.policy.actions import (
    allowed,
    begins_projects,
    closes_directory,
    in_role,
    knows_directory,
    knows_project,
    oversees_directory,
    oversees_project,
    steers_project,
)
from app.policy.evidence import opens_evidence
from app.policy.fields import fields_of, profile
from app.policy.reach import contacts_of_projects, directories_in_reach, opened_one_by_one
from app.policy.viewer import Action, Channel, Viewer, each
from app.policy.visibility import GRANTS, VETOES, Explanation, Ruling, explain, visible

__all__ = [
    "GRANTS",
    "VETOES",
    "Action",
    "Channel",
    "Explanation",
    "Ruling",
    "Viewer",
    "allowed",
    "begins_projects",
    "closes_directory",
    "contacts_of_projects",
    "directories_in_reach",
    "each",
    "explain",
    "fields_of",
    "in_role",
    "knows_directory",
    "knows_project",
    "opened_one_by_one",
    "opens_evidence",
    "oversees_directory",
    "oversees_project",
    "profile",
    "steers_project",
    "visible",
]
