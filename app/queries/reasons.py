"""What each clause of the policy means to a person: one sentence where it holds, one where not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """The two sentences about one clause."""

    holds: str
    fails: str


REASONS: dict[str, Reason] = {
    "directory_grant": Reason(
        "Somebody gave this colleague, or his team, access to the directory in this way.",
        "Nobody gave this colleague, or his team, access to the directory in this way.",
    ),
    "open_project": Reason(
        "Both work in a project that is open now and lets its contacts go this way.",
        "They share no project that is open now and lets its contacts go this way.",
    ),
    "erased": Reason(
        "The contact has been erased.",
        "The contact has not been erased.",
    ),
    "restricted": Reason(
        "The contact may only be stored at present, such as while an objection is weighed.",
        "Nothing stops us from using the contact.",
    ),
    "merged_away": Reason(
        "The contact has become part of another one.",
        "The contact has not become part of another one.",
    ),
    "no_legal_basis": Reason(
        "We have no reason to use this person's data for what the directory is for.",
        "We have a reason to use the data, or it is a firm, which needs none.",
    ),
    "viewer_disabled": Reason(
        "The colleague's account is disabled.",
        "The colleague's account is in use.",
    ),
    "sync_stopped": Reason(
        "The colleague's phones have been stopped.",
        "The colleague's phones have not been stopped.",
    ),
    "device_not_active": Reason(
        "The phone is stopped, not set up yet, or somebody else's.",
        "No phone that is stopped is in question.",
    ),
    "directory_keeps_off_phones": Reason(
        "The directory lets no contact onto phones, or only onto phones that we manage.",
        "The directory does not stand in the way of this.",
    ),
}
