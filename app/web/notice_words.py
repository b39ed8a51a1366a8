"""Notices in words: where a version stands, and what a change of each class means."""

from app.web.texts import later

STATES = {
    "draft": ("edit", "k-wait", later("draft")),
    "published": ("circle-check", "k-ok", later("published")),
    "retired": ("history", "k-muted", later("replaced")),
}

CLASSES = (
    (
        "editorial",
        later("Only words"),
        later("Nothing changes for anybody; consents stay as they are."),
    ),
    (
        "material",
        later("Something that people should know"),
        later("Consents stay; tell people that there is a new version."),
    ),
    (
        "processing",
        later("What we do with the data"),
        later(
            "Consents to earlier versions end when it is published: people have to be asked anew."
        ),
    ),
)
