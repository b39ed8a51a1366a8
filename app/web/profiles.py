"""Apple's configuration profile of one device: a contacts account without its password.

Keys as in Apple's CardDAV payload (developer.apple.com/documentation/devicemanagement/carddav).
It is not signed: the phone says so, and asks for the password.
"""

import plistlib
import uuid
from urllib.parse import urlsplit

from app.services.enrolment import Profile

MEDIA_TYPE = "application/x-apple-aspen-config"
_PORTS = {"https": 443, "http": 80}


def written(profile: Profile, base_url: str) -> bytes:
    """The profile as an XML property list; made again for one device it replaces itself."""
    address = urlsplit(base_url)
    name = f"{profile.organisation} (Kustod)" if profile.organisation else "Kustod"
    place = f"{base_url}/dav/{profile.device}/"
    account = {
        **_head("com.apple.carddav.account", place, name),
        "CardDAVAccountDescription": name,
        "CardDAVHostName": address.hostname or "",
        "CardDAVPort": address.port or _PORTS[address.scheme],
        "CardDAVUseSSL": address.scheme == "https",
        "CardDAVPrincipalURL": f"/dav/{profile.device}/",
        "CardDAVUsername": profile.login,
    }
    whole = {
        **_head("Configuration", f"{place}profile", name),
        "PayloadOrganization": profile.organisation,
        "PayloadContent": [account],
    }
    return plistlib.dumps(whole)


def _head(kind: str, place: str, name: str) -> dict[str, object]:
    made = uuid.uuid5(uuid.NAMESPACE_URL, place)
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": f"kustod.{made}",
        "PayloadUUID": str(made).upper(),
        "PayloadDisplayName": name,
    }
