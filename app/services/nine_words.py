"""The words of the notice in nine parts, written by hand for each language."""

from collections.abc import Mapping

_BODY = """# 1. {h1} {{#controller}}
{name}. {reach_is} {reach}

## {officer_is} {{#officer}}
{officer} {reach}

# 2. {h2} {{#data}}
{data}

# 3. {h3} {{#source}}
{source}

# 4. {h4} {{#purposes}}
{purposes}

## {basis_is} {{#basis}}
{bases}

# 5. {h5} {{#automated}}
{automated}

# 6. {h6} {{#period}}
{retention} {consent_lasts} {validity}

# 7. {h7} {{#recipients}}
{others} {recipients}
{processors_are}
{processors}

## {transfers_are} {{#transfers}}
{transfers}

# 8. {h8} {{#rights}}
{rights}

## {complaint_is} {{#complaint}}
{complaint} {authority}

## {obligation_is} {{#obligation}}
{obligation}

# 9. {h9} {{#withdrawal}}
{withdrawal}
"""

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "body": _BODY,
        "h1": "Who is responsible",
        "h2": "Which data we use",
        "h3": "Where we have them from",
        "h4": "What we use them for",
        "h5": "Whether a machine decides",
        "h6": "How long we keep them",
        "h7": "Who else gets them",
        "h8": "What your rights are",
        "h9": "How you take your consent back",
        "reach_is": "You reach us at:",
        "officer_is": "Questions about data protection",
        "officer": "Questions about your data are answered at:",
        "data": "Your name, e-mail address or phone number, and a record of what you agreed to.",
        "source": "From you. Where somebody else told us, we say who on request.",
        "basis_is": "On which ground",
        "automated": "No. No machine decides about you, and nobody is profiled.",
        "consent_lasts": "Your consent lasts:",
        "others": "Beside us:",
        "processors_are": "They work with the data for us, by a contract:",
        "transfers_are": "Outside the European Economic Area",
        "rights": "You can ask what we hold, have it corrected, erased or restricted, get a copy, "
        "and object. It costs nothing, and we answer within a month.",
        "complaint_is": "Complaints",
        "complaint": "You may complain to:",
        "obligation_is": "Whether you have to tell us",
        "obligation": "No. Without an address or number we cannot reach you, that is all.",
        "withdrawal": "By the link in any of our mails, on our page, or by writing to us; at any "
        "time and without a reason. What was done before stays lawful.",
        "nobody": "nobody.",
        "no_transfer": "The data do not leave it.",
        "until_withdrawn": "until you take it back.",
        "months": "At most {months} months after the last reason to use them has ended.",
        "by_email": "by e-mail",
        "by_sms": "by text message",
        "by_phone": "by phone",
        "by_post": "by post",
        "by_use": "use",
        "basis_consent": "your consent",
        "basis_contract": "a contract with you",
        "basis_pre-contract": "steps towards a contract at your request",
        "basis_own-customer": "you are our customer",
        "basis_legitimate-interest": "our legitimate interest",
        "basis_legal-obligation": "a duty that the law gives us",
    },
    "cs": {
        "body": _BODY,
        "h1": "Kdo za údaje odpovídá",
        "h2": "Které údaje používáme",
        "h3": "Odkud je máme",
        "h4": "K čemu je používáme",
        "h5": "Zda rozhoduje stroj",
        "h6": "Jak dlouho je uchováváme",
        "h7": "Kdo další je dostává",
        "h8": "Jaká máte práva",
        "h9": "Jak souhlas odvoláte",
        "reach_is": "Kontakt na nás:",
        "officer_is": "Dotazy k ochraně údajů",
        "officer": "Na dotazy k vašim údajům odpovídáme zde:",
        "data": "Vaše jméno, e-mailovou adresu nebo telefon a záznam o tom, s čím souhlasíte.",
        "source": "Od vás. Pokud nám údaje sdělil někdo jiný, na požádání řekneme kdo.",
        "basis_is": "Na jakém základě",
        "automated": "Ne. Žádný stroj o vás nerozhoduje a nikoho neprofilujeme.",
        "consent_lasts": "Souhlas trvá:",
        "others": "Kromě nás:",
        "processors_are": "Na základě smlouvy s údaji pro nás pracují:",
        "transfers_are": "Mimo Evropský hospodářský prostor",
        "rights": "Můžete se ptát, co o vás vedeme, žádat opravu, výmaz, omezení nebo kopii "
        "a vznést námitku. Nic to nestojí a odpovíme do měsíce.",
        "complaint_is": "Stížnosti",
        "complaint": "Stěžovat si můžete zde:",
        "obligation_is": "Zda nám údaje dát musíte",
        "obligation": "Ne. Bez adresy nebo čísla vás jen nemůžeme oslovit.",
        "withdrawal": "Odkazem v kterémkoli našem e-mailu, na naší stránce nebo zprávou nám; "
        "kdykoli a bez udání důvodu. Co se stalo dříve, zůstává v souladu se zákonem.",
        "nobody": "nikdo.",
        "no_transfer": "Údaje ho neopouštějí.",
        "until_withdrawn": "dokud ho neodvoláte.",
        "months": "Nejdéle {months} měsíců od chvíle, kdy pominul poslední důvod k použití.",
        "by_email": "e-mailem",
        "by_sms": "SMS",
        "by_phone": "telefonicky",
        "by_post": "poštou",
        "by_use": "použití",
        "basis_consent": "váš souhlas",
        "basis_contract": "smlouva s vámi",
        "basis_pre-contract": "jednání o smlouvě na vaši žádost",
        "basis_own-customer": "jste náš zákazník",
        "basis_legitimate-interest": "náš oprávněný zájem",
        "basis_legal-obligation": "povinnost ze zákona",
    },
}
