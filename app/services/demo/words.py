"""The words that the contacts of the demonstration are made of; nobody in them exists."""

MEN = (
    *("Jan", "Petr", "Karel", "Jiří", "Tomáš", "Ondřej", "Zdeněk", "Luděk", "Řehoř", "Štěpán"),
    *("Vojtěch", "Matěj", "Čeněk", "Bohumil", "Radek", "Igor", "Květoslav", "Aleš", "Dušan"),
)
WOMEN = (
    *("Marie", "Jana", "Eliška", "Šárka", "Věra", "Zdeňka", "Růžena", "Božena", "Lucie"),
    *("Žaneta", "Hana", "Tereza", "Ludmila", "Květa", "Ivana", "Radka", "Kateřina", "Dagmar"),
)
FAMILIES = (
    *(("Novotný", "Novotná"), ("Dvořák", "Dvořáková"), ("Chalupa", "Chalupová")),
    *(("Chadima", "Chadimová"), ("Říha", "Říhová"), ("Šťastný", "Šťastná")),
    *(("Žák", "Žáková"), ("Čech", "Čechová"), ("Hrubý", "Hrubá"), ("Ježek", "Ježková")),
    *(("Šimůnek", "Šimůnková"), ("Kadlec", "Kadlecová"), ("Vrána", "Vránová")),
    *(("Ďuriš", "Ďurišová"), ("Beneš", "Benešová"), ("Úlehla", "Úlehlová")),
    *(("Zedník", "Zedníková"), ("Tesař", "Tesařová"), ("Kolář", "Kolářová")),
    *(("Hladký", "Hladká"), ("Ptáček", "Ptáčková"), ("Mrázek", "Mrázková")),
    *(("Ostrý", "Ostrá"), ("Pokorný", "Pokorná"), ("Řezníček", "Řezníčková")),
    *(("Suchánek", "Suchánková"), ("Škoda", "Škodová"), ("Truhlář", "Truhlářová")),
    *(("Vlk", "Vlková"), ("Zima", "Zimová"), ("Hájek", "Hájková"), ("Cibulka", "Cibulková")),
)
PREFIXES = ("Ing.", "Mgr.", "Bc.", "Ing. arch.", "JUDr.", "doc. Ing.")
SUFFIXES = ("Ph.D.", "MBA", "DiS.", "CSc.")

PLACES = (
    *(("Lhota nad Řekou", "783 01"), ("Čáslavka", "784 12"), ("Březová Lhotka", "751 19")),
    *(("Žďárek u Lípy", "789 73"), ("Týnec pod Horou", "798 26"), ("Chřibská Ves", "768 41")),
    *(("Olšany u Mlýna", "783 72"), ("Nová Hutička", "747 08"), ("Podlesí nad Bystrou", "756 54")),
)
STREETS = (
    *("Nádražní", "Zahradní", "U Mlýna", "Školní", "Krátká", "Na Příkopě", "Pod Lipami"),
    *("Lesní", "Hřbitovní", "Družstevní", "Průmyslová", "Cihelní"),
)

SUPPLIERS = (
    *("Dřevo Říha s.r.o.", "Betonárna Čáslavka a.s.", "Stavebniny U Lípy s.r.o."),
    *("Okna Žďárek s.r.o.", "Střechy Chadima s.r.o.", "Elektro Hladký s.r.o."),
    *("Vodo-topo Mrázek s.r.o.", "Izolace Bystra s.r.o.", "Lešení Ostrý s.r.o."),
    *("Zámečnictví Vrána", "Kamenictví Škoda", "Jeřáby Haná a.s.", "Štěrkovna Olšany a.s."),
    *("Klempířství Zima", "Doprava Kolář s.r.o.", "Sádrokartony Týnec s.r.o."),
    *("Podlahy Suchánek s.r.o.", "Bagry Vlk s.r.o.", "Geodézie Hájek", "Statika Beneš s.r.o."),
    *("Výtahy Morávka a.s.", "Fasády Nová Hutička s.r.o.", "Úklidy Šťastná s.r.o."),
    *("Obklady Cibulka", "Truhlářství Ptáček", "Odpady Podlesí a.s."),
)
CUSTOMERS = (
    *("Bytové družstvo Slunečná", "Obec Lhota nad Řekou", "Město Týnec pod Horou"),
    *("Základní škola Čáslavka", "SVJ Zahradní 12", "SVJ Nádražní 40", "SVJ Krátká 7"),
    *("Mateřská škola Žďárek", "Obec Březová Lhotka", "Obec Chřibská Ves"),
    *("Pekárna Kadlec s.r.o.", "Mlékárna Olšany a.s.", "Sklady Haná s.r.o."),
    *("Penzion Pod Lipami s.r.o.", "Nemocnice Podlesí", "Sokol Týnec pod Horou"),
    *("Farnost Chřibská Ves", "Domov seniorů Bystra", "Tiskárna Šimůnek s.r.o."),
    *("Vinařství Ostrý s.r.o.", "Lesy Podlesí s.r.o.", "Hasiči Nová Hutička"),
)
PROSPECTS = (
    *("Hotel Nad Řekou s.r.o.", "Autoservis Hrubý s.r.o.", "Obec Olšany u Mlýna"),
    *("SVJ Lesní 3", "SVJ Školní 18", "Lékárna U Mlýna", "Jezdecký klub Podlesí"),
    *("Pivovar Týnec a.s.", "Knihovna Čáslavka", "Rybářství Bystra s.r.o."),
    *("Ateliér Úlehla s.r.o.", "Zahrady Ježek s.r.o."),
)
TITLES = {
    "suppliers": (
        *("jednatel", "obchodní zástupce", "dispečink", "účtárna", "vedoucí výroby", "sklad"),
        *("reklamace", "příjem objednávek"),
    ),
    "customers": (
        *("statutární zástupce", "správa majetku", "účtárna", "technický dozor", "sekretariát"),
        *("předseda výboru", "školník", "provoz"),
    ),
    "prospects": ("jednatel", "provoz", "investiční oddělení", "sekretariát"),
    "builders": ("stavba domu", "přístavba", "rekonstrukce", "zateplení", "střecha"),
}
NOTES = (
    "Volat po osmé hodině.",
    "Klíče od vrátnice má recepce.",
    "Fakturovat měsíčně, splatnost 30 dní.",
    "Raději SMS než volat.",
    "Na stavbu jen po ohlášení den předem.",
)
