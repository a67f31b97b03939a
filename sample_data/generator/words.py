"""Words for names, titles and anchors. Everything is invented; names under .example can belong to nobody."""


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text: long lists of short words are easier to read as one text."""
    return tuple(text.split())


NAME_PARTS = {
    "home office": {
        "en": (
            (
                "homedesk deskspace homeoffice spareroom cubby nookwork atticoffice studynook sitstand deskside "
                "workroom deskcraft roomtowork cornerdesk"
            ),
            "journal corner diary review lab guide nest notes weekly makers digest world setup ideas",
        ),
        "de": ("heimbuero arbeitszimmer schreibtisch homeoffice", "ratgeber magazin blog portal welt tipps"),
        "fr": ("bureau teletravail coinbureau", "facile conseil mag maison idees"),
        "es": ("escritorio oficinaencasa despacho", "ideal hoy guia facil blog"),
    },
    "ergonomics": {
        "en": (
            "ergo posture spinewise standup uprightlife wristcare deskfit lumbar sitless bodywork neckwise motionwork",
            "lab insight advisor clinic matters journal report check school works hub today research",
        ),
        "de": ("ergonomie haltung rueckengesund gesundsitzen", "institut ratgeber blog wissen magazin"),
        "fr": ("ergonomie posture dosdroit", "conseil pratique info sante"),
        "es": ("ergonomia postura espalda", "activa hoy salud guia"),
    },
    "productivity": {
        "en": (
            (
                "deepfocus calmwork timeblock inboxzero tidyday morningplan slowwork onething focusmode workflow "
                "getmore cleardesk twominute"
            ),
            "club habit letters blog field notes method daily practice review lab studio",
        ),
        "de": ("fokus zeitplan arbeitsfreude", "blog kompass werkstatt notizen"),
        "fr": ("focus organisation mieuxtravailler", "blog journal atelier"),
        "es": ("enfoque productivo mitiempo", "blog diario taller"),
    },
    "remote work": {
        "en": (
            "remote anywhere nomadic distributed asynchronous farfrom wfh workabroad laptoplife timezone",
            "team jobs life post handbook culture weekly report stories network desk",
        ),
        "de": ("fernarbeit ortsfrei", "netz blog jobs"),
        "fr": ("adistance nomade", "infos reseau"),
        "es": ("remoto nomada", "red vida"),
    },
    "interior": {
        "en": (
            (
                "oakand linenand modernroom quiethouse timber plywood nordicroom smallspace loftliving paintandply "
                "shelfie warmwood"
            ),
            "interiors design living style home studio decor magazine rooms sketch",
        ),
        "de": ("wohnraum einrichtung holzliebe", "magazin stil ideen blog"),
        "fr": ("decoration interieur boisclair", "style mag idees"),
        "es": ("interiores madera hogar", "estilo ideas deco"),
    },
    "gadgets": {
        "en": (
            "cablebox gizmo keyclick monitorarm pixelbench techbench hardware devdesk batterysaver quietfan usbhub",
            "review tested bench zone wire report lab today buyer picks radar",
        ),
        "de": ("technik geraete", "test check radar"),
        "fr": ("matos techno", "test avis"),
        "es": ("tecno aparatos", "prueba opina"),
    },
    "health": {
        "en": (
            "backcare physio healthyspine movemore stretch jointwell wellday painfree activebody stepcount",
            "clinic advice care practice guide centre journal talk doctor steps",
        ),
        "de": ("ruecken physio bewegung", "praxis zentrum ratgeber"),
        "fr": ("kine santedudos bouger", "cabinet conseil"),
        "es": ("fisio saludactiva", "clinica consejos"),
    },
    "news": {
        "en": (
            (
                "northfield eastport harbour riverton lakeside millbrook stonebridge westvale greenhill kingsmoor "
                "ashford capital metro evening"
            ),
            "herald times courier gazette post observer chronicle tribune business-wire standard",
        ),
        "de": ("rheintal nordsee alpen havelstadt", "kurier anzeiger tageblatt rundschau"),
        "fr": ("valdoise montclair littoral", "matin gazette depeche"),
        "es": ("costaverde sierranorte", "diario heraldo"),
    },
    "university": {
        "en": (
            "northfield eastport harrow-hill lakeside stonebridge westvale brightwater kingsmoor millbrook redcliff",
            "university college institute polytechnic",
        ),
        "de": ("uni-rheintal uni-havelstadt hochschule-nordsee", "campus online"),
        "fr": ("universite-montclair universite-littoral", "campus info"),
        "es": ("universidad-sierranorte universidad-costaverde", "campus info"),
    },
    "directory": {
        "en": (
            "allbusiness furniturefind localtrade officefinder webindex topsites suppliers bizmap linkshelf firmroll",
            "directory list pages index register catalogue finder search listings",
        ),
        "de": ("branchen firmen moebel", "verzeichnis liste finder"),
        "fr": ("annuaire entreprises", "pro local"),
        "es": ("directorio empresas", "local pro"),
    },
    "coupon": {
        "en": (
            "savvy dealdrop promo voucher codehunt thrifty bargain halfprice checkoutcode discount",
            "codes deals coupons savings club shop vault hunter daily",
        ),
        "de": ("gutschein rabatt", "held jaeger code"),
        "fr": ("codepromo bonplan", "malin direct"),
        "es": ("cupon oferta", "ahorro directo"),
    },
    "forum": {
        "en": (
            "deskforum battlestation carpentertalk remotehub keyboard ergochat backpain wfhtalk officechat",
            "board community forum talk answers threads",
        ),
        "de": ("buerotalk handwerker", "forum treff"),
        "fr": ("bricolage discutons", "forum entraide"),
        "es": ("foro charla", "comunidad debate"),
    },
    "personal": {
        "en": (
            "anna bella carl dora emil frida george hanna ivor jonas karla liam mona nora oscar paula rosa sven",
            "writes at-home blog notebook bakes codes travels thinks builds",
        ),
        "de": ("annika bastian clara detlef", "schreibt bloggt notiert"),
        "fr": ("amelie bruno celine", "ecrit raconte"),
        "es": ("alba bruno carmen", "escribe cuenta"),
    },
    "spam": {
        "en": (
            "best4u cheap topseo linkboost casino loanfast pillsnow fastrank megawin articlefarm bookmarkz replica",
            "links247 bonus rank web site directory deals online pro zone blast seo",
        ),
        "de": ("billig linkliste", "gratis portal24"),
        "fr": ("pascher lienspro", "gratuit24"),
        "es": ("barato enlaces", "gratis24"),
    },
}
"""First and second halves of domain names, by topic and language."""

PLATFORM_NAMES = words(
    "blogplatform wordshelf pagehost vidtube shortpost snapboard podcastly mailletter codewiki askround slidehost "
    "sitekit photopile linkpage"
)

INTERNATIONAL_NAMES = (
    ("bürostuhl-ratgeber", "de", "ergonomics"),
    ("höhenverstellbar", "de", "home office"),
    ("rückenglück", "de", "health"),
    ("schöner-arbeiten", "de", "interior"),
    ("büroträume", "de", "home office"),
    ("télétravail-serein", "fr", "remote work"),
    ("bureau-réglable", "fr", "home office"),
    ("santé-au-bureau", "fr", "ergonomics"),
    ("déco-atelier", "fr", "interior"),
    ("diseño-oficina", "es", "interior"),
    ("mañana-productiva", "es", "productivity"),
    ("españa-teletrabajo", "es", "remote work"),
    ("στάση", "en", "health"),
    ("在宅ワーク", "en", "remote work"),
)

TITLES = {
    "en": (
        "The {n} best standing desks of {year}",
        "How to set up a home office in a small room",
        "{rival} review: six months later",
        "Sit less, move more: what the studies say",
        "Our desk setup, {year} edition",
        "{n} things I changed about my workday",
        "Buying guide: height-adjustable desks",
        "What to look for in an office chair",
        "Remote work gear we actually use",
        "Back pain at the desk: {n} simple steps",
        "Weekly links #{n}",
        "Resources and further reading",
    ),
    "de": (
        "Höhenverstellbare Schreibtische im Vergleich {year}",
        "Rückenschmerzen im Büro: {n} Übungen",
        "Mein Arbeitszimmer für unter {n}00 Euro",
        "{rival} im Test: Für wen lohnt er sich?",
        "Gesünder arbeiten – {n} Tipps",
    ),
    "fr": (
        "Les {n} meilleurs bureaux assis-debout de {year}",
        "Télétravail : bien aménager son espace",
        "Avis {rival} après {n} mois",
        "Mal de dos au bureau : que faire ?",
    ),
    "es": (
        "Los {n} mejores escritorios elevables de {year}",
        "Cómo montar una oficina pequeña en casa",
        "Opinión: {rival} tras {n} meses",
        "¿Dolor de espalda? {n} hábitos",
    ),
}

SPAM_TITLES = (
    "Best online casino bonus {year}",
    "Free directory submission #{n}",
    "Cheap replica watches - page {n}",
    "SEO links that rank {year}",
    "Payday loans no credit check {n}",
)

ANCHORS = {
    "en": (
        "adjustable standing desk",
        "here",
        "this desk",
        "their guide",
        "read more",
        "desk height calculator",
        "website",
    ),
    "de": ("höhenverstellbarer Schreibtisch", "hier", "Größentabelle", "mehr über Stehpulte", "zum Anbieter"),
    "fr": ("bureau réglable en hauteur", "ici", "leur guide complet", "voir le modèle préféré"),
    "es": ("escritorio elevable", "aquí", "su guía de diseño", "según los años de garantía"),
}

SPAM_ANCHORS = ("cheap standing desk buy now", "casino bonus", "click here", "best desk 2026 discount", "www")

CONTEXTS = {
    "en": ("We measured it with", "as described by", "For details see", "One option is"),
    "de": ("Gemessen haben wir mit", "Einzelheiten stehen bei", "Eine Möglichkeit wäre"),
    "fr": ("Nous l'avons mesuré avec", "Pour en savoir plus, voir", "Une possibilité :"),
    "es": ("Lo medimos con", "Más detalles en", "Una opción es"),
}

SLUGS = words(
    "best-standing-desks home-office-setup desk-review sit-stand-study workday-changes height-adjustable-desks "
    "office-chair-guide remote-gear back-pain-tips weekly-links resources small-room-office cable-management "
    "monitor-height desk-yoga coworking-corner walnut-or-oak first-month-standing tools-we-use about-my-desk"
)

AUTHORS = ("Marlene Vogt", "Théo Lambert", "Inés Robles", "Ada Whitcombe", "Jonah Pell", "Priya Nandan", "Søren Lykke")
