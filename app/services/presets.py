"""Ready-made directories, written by somebody who knows, so that nobody has to choose a basis."""

from dataclasses import dataclass

from app.errors import Invalid
from app.models.kinds import BasisKind, SyncPolicy

_FIRM_CONTACT = (
    "We keep the contact details of people who act for firms we work with, because both sides "
    "need to reach each other. You may object at any time."
)


@dataclass(frozen=True)
class Preset:
    """Basis, texts, retention and sync policy of a kind of directory.

    `fallback` serves people whom `basis` cannot (a firm's contact person under a contract);
    None means such a person is kept hidden until somebody names a basis.
    """

    basis: BasisKind
    text: str
    fallback: BasisKind | None
    fallback_text: str
    retention_months: int
    sync_policy: SyncPolicy


PRESETS: dict[str, Preset] = {
    "customers-firms": Preset(
        BasisKind.CONTRACT,
        "We keep your details to fulfil the contract between us.",
        BasisKind.LEGITIMATE_INTEREST,
        _FIRM_CONTACT,
        36,
        SyncPolicy.ANY,
    ),
    "customers-people": Preset(
        BasisKind.CONTRACT,
        "We keep your details to fulfil the contract between us.",
        None,
        "",
        36,
        SyncPolicy.ANY,
    ),
    "suppliers": Preset(
        BasisKind.CONTRACT,
        "We keep your details to fulfil the contract between us.",
        BasisKind.LEGITIMATE_INTEREST,
        _FIRM_CONTACT,
        36,
        SyncPolicy.ANY,
    ),
    "prospects": Preset(
        BasisKind.PRE_CONTRACT,
        "We keep your details while we talk about a contract you asked for.",
        BasisKind.LEGITIMATE_INTEREST,
        _FIRM_CONTACT,
        3,
        SyncPolicy.ANY,
    ),
    "employees": Preset(
        BasisKind.CONTRACT,
        "We keep your work contact details for as long as you work with us.",
        None,
        "",
        12,
        SyncPolicy.ANY,
    ),
    "newsletter": Preset(
        BasisKind.CONSENT,
        "You agreed to receive our news.",
        None,
        "",
        24,
        SyncPolicy.NEVER,
    ),
    "members": Preset(
        BasisKind.CONTRACT,
        "We keep your details for as long as you are a member.",
        None,
        "",
        12,
        SyncPolicy.ANY,
    ),
}


def preset(name: str) -> Preset:
    """The preset of this name. Raises Invalid, naming all of them, where there is none."""
    if name not in PRESETS:
        raise Invalid("preset", f"{name!r} is none of {', '.join(PRESETS)}")
    return PRESETS[name]
