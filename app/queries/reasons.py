"""What each clause of the policy means to a person: one sentence where it holds, one where not."""

from dataclasses import dataclass


def later(sentence: str) -> str:
    """Mark a sentence for the catalogues: the portal translates it where it is shown."""
    return sentence


@dataclass(frozen=True, slots=True)
class Reason:
    """The two sentences about one clause."""

    holds: str
    fails: str


REASONS: dict[str, Reason] = {
    "directory_grant": Reason(
        later("Somebody gave this colleague, or their team, access to the directory in this way."),
        later("Nobody gave this colleague, or their team, access to the directory in this way."),
    ),
    "open_project": Reason(
        later("Both work in a project that is open now and lets its contacts go this way."),
        later("They share no project that is open now and lets its contacts go this way."),
    ),
    "erased": Reason(
        later("The contact has been erased."),
        later("The contact has not been erased."),
    ),
    "restricted": Reason(
        later("The contact may only be stored at present, such as while an objection is weighed."),
        later("Nothing stops us from using the contact."),
    ),
    "merged_away": Reason(
        later("The contact has become part of another one."),
        later("The contact has not become part of another one."),
    ),
    "no_legal_basis": Reason(
        later("We have no reason to use this person's data for what the directory is for."),
        later("We have a reason to use the data, or it is a firm, which needs none."),
    ),
    "viewer_disabled": Reason(
        later("The colleague's account is disabled."),
        later("The colleague's account is in use."),
    ),
    "sync_stopped": Reason(
        later("The colleague's phones have been stopped."),
        later("The colleague's phones have not been stopped."),
    ),
    "device_not_active": Reason(
        later("The phone is stopped, not set up yet, or somebody else's."),
        later("No phone that is stopped is in question."),
    ),
    "directory_keeps_off_phones": Reason(
        later("The directory lets no contact onto phones, or only onto phones that we manage."),
        later("The directory does not stand in the way of this."),
    ),
}
