"""Words of the embedded site. All of it is invented; nothing was printed anywhere."""

from __future__ import annotations

KEYWORDS = (
    "Médias/Réseaux sociaux", "Téléphonie", "Internet", "Fintech", "Régulation des télécoms", "Noms de domaine",
    "Economie numérique", "Cybersécurité/Cybercriminalité", "TIC pour l’éducation", "Logiciel libre", "Gouvernance",
    "Télécentres/Cybercentres", "Infrastructures", "Données personnelles", "Radios communautaires", "Service universel",
    "Intelligence artificielle", "TIC pour la santé", "Fiscalité", "Point de vue", "Distinction/Nomination", "Biométrie",
    "Recherche", "Piratage",
)  # fmt: skip
OUTLETS = (
    ("Le Fleuve", "http://www.lefleuve.example/"), ("Baobab Matin", None), ("Agence Teranga", "https://agence-teranga.example"),
    ("Ndar Info", None), ("Le Journal des réseaux (JDR)", "http://jdr.example/une"), ("Sahel & Numérique", None),
    ("Tam-Tam.example", None), ("L’Écho de la Corniche", "http://echo.example/article.php?id=7"), ("Xibaar +", None),
    ("La Lettre du numérique", None),
)  # fmt: skip
PEOPLE = (
    "Astou Mbengue",
    "Boubacar DIATTA",
    "J. KANE",
    "Fatou Kiné Sarr",
    "Omar Ndoye",
    "Marie-Louise Faye",
    "A.B. SECK",
    "Cheikh Tidiane Bâ",
)
PLACES = (
    "Dakar",
    "Saint-Louis",
    "Tambacounda",
    "Kaolack",
    "Ziguinchor",
    "Matam",
    "Thiès",
    "Kolda",
    "Louga",
    "Podor",
    "Gorée",
)
BODIES = ("l’Autorité de régulation", "le ministère", "l’opérateur historique", "la commission", "l’association des consommateurs",
          "le syndicat des travailleurs", "l’université", "la mairie", "le conseil régional", "la fédération des radios")  # fmt: skip
THINGS = ("la fibre optique", "le haut débit", "la téléphonie rurale", "le paiement mobile", "le câble sous-marin", "la carte SIM",
          "le portail administratif", "la radio communautaire", "le domaine national", "la facture électronique", "le télécentre")  # fmt: skip
VERBS = ("annonce", "réclame", "étudie", "reporte", "inaugure", "conteste", "finance", "défend", "suspend", "évalue")
OPENINGS = (
    "Réunie à {place} en présence de nombreux usagers, {body} a longuement débattu de ce que {thing} change pour les foyers modestes.",
    "Il aura fallu {n} mois de discussions avant que {body} ne rende publiques ses conclusions sur {thing} dans la région de {place}.",
    "Selon les chiffres communiqués par {body}, près de {n} localités autour de {place} attendent encore {thing} cette année.",
    "À {place}, {thing} fait désormais partie du quotidien ; {body} y voit pourtant une source de dépenses mal maîtrisée.",
    "« Nous avons besoin de {thing} », répète-t-on à {place}, où {body} promet une réponse dans un délai de {n} semaines.",
    "Le dossier déposé par {body} prévoit d’équiper {n} établissements de {place} ; {thing} en serait la première étape.",
    "De source sûre, {body} hésiterait à confier {thing} à un seul prestataire, comme l’écrivait un confrère de {place}.",
    "La même source indique que {thing} coûterait {n} millions de francs CFA à {body}, sans compter l’entretien à {place}.",
    "D’après un article paru dans « Le Fleuve » du 3 novembre 2001, {body} avait déjà promis {thing} aux habitants de {place}.",
    "Pourquoi {thing} tarde-t-il tant à {place} ? {body} invoque le relief, la saison des pluies et {n} dossiers en souffrance.",
)  # fmt: skip
CLOSINGS = (
    "Reste à savoir qui paiera.", "Le prochain rendez-vous est fixé au mois de mars.", "Les usagers, eux, attendent de voir.",
    "L’affaire est entre les mains de la justice.", "Un bilan sera dressé à la fin de l’exercice.",
)  # fmt: skip
ENGLISH = (
    "The regional authority met in {place} this week to review how {n} rural communities might be connected before the end of next year.",
    "Operators argue that the cost of the network is still too high, while users in {place} say that they cannot wait {n} more months.",
    "According to the figures released on Monday, fewer than {n} schools have a working connection, and most of them are near {place}.",
)
HEADINGS = ("Un chantier qui dure", "Ce que disent les textes", "Des attentes fortes", "Les chiffres", "Et après")
EXTERNAL = ("Un séminaire sur les usages", "Rapport annuel en ligne", "Formation des formateurs", "Appel à contributions", "Retour sur le forum",
            "Publication d’un guide", "Lancement d’un réseau", "Nouvelle édition du concours")  # fmt: skip
