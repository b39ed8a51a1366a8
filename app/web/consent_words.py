"""Consents in words: what holds, how it was said, what became of it."""

from app.web.texts import later

STATES = {
    "given": ("circle-check", "k-ok", later("holds")),
    "requested": ("hourglass", "k-wait", later("not confirmed")),
    "imported-unproven": ("hourglass", "k-wait", later("not proved")),
    "renewal-needed": ("refresh", "k-wait", later("has to be asked for anew")),
    "expired": ("clock", "k-muted", later("its time is over")),
    "refused": ("ban", "k-alarm", later("refused")),
    "withdrawn": ("hand-stop", "k-alarm", later("withdrawn")),
    "objected": ("hand-stop", "k-alarm", later("objection")),
    "terminated": ("x", "k-muted", later("ended by us")),
    "invalidated": ("x", "k-alarm", later("declared invalid")),
    "unknown": ("circle-dashed", "k-muted", later("nothing is recorded")),
}
"""Per state of app/policy/consents.py an icon, its colour and its word."""

REASONS = {
    "given": later("You may use it: it was given after the person was told, and it is proved."),
    "requested": later(
        "It authorises nothing: the mailbox has not confirmed it, or the proof is missing."
    ),
    "imported-unproven": later("It authorises nothing: it came from elsewhere without a proof."),
    "renewal-needed": later("It authorises nothing any more: what we do has changed since."),
    "expired": later("It authorises nothing any more: it was given for a time, and that is over."),
    "refused": later("The person was asked and said no."),
    "withdrawn": later("The person took it back."),
    "objected": later("The person objected: our own reasons for advertising end with it."),
    "terminated": later("We do not need it any more."),
    "invalidated": later("An authority declared it invalid."),
    "unknown": later("The person was never asked."),
}

HOWS = (
    ("paper", later("On paper"), later("A signed sheet; keep the scan or the place of the sheet.")),
    (
        "email",
        later("By e-mail"),
        later("The message itself as a file (.eml), not a copy of its words."),
    ),
    ("clause", later("In a contract"), later("A clause of its own, with a box that was empty.")),
    ("oral", later("Spoken"), later("A recording; without one the mailbox has to confirm it.")),
    (
        "sms",
        later("By text message"),
        later("The file of the provider with number, text and time."),
    ),
    (
        "loyalty",
        later("With a loyalty card"),
        later("The message that activated it, and the rules of the card."),
    ),
    (
        "receipt",
        later("By a receipt or a poster"),
        later("What was printed, where and when it hung, and the log of what followed."),
    ),
    ("coupon", later("By a coupon"), later("What was printed, and what it could be had for.")),
    (
        "wifi",
        later("At the Wi-Fi portal"),
        later("The log of the portal; the mailbox has to confirm it."),
    ),
    (
        "web",
        later("On a web page"),
        later("The log of the page; a form of ours records this by itself."),
    ),
    (
        "import",
        later("From another system"),
        later("The file it came in, its row, and where the proof is."),
    ),
)
"""Ways in which staff record a consent: a word of the command, its name, what proves it."""

NOES = (
    (
        "withdrawn",
        later("Takes it back"),
        later("What was given ends now, for this and all below it."),
    ),
    (
        "refused",
        later("Said no when asked"),
        later("Nothing was given, and what was asked for lapses."),
    ),
    ("objected", later("Objects"), later("For advertising our own reasons end, too, at once.")),
)
"""What a person can say no to, and what follows."""

ACTORS = {
    "subject": later("the person"),
    "staff": later("a colleague"),
    "system": later("the portal"),
    "site": later("our website"),
}
