"""Spanish attributions: verbs before their speakers, subjects that go unsaid, verbs of several meanings."""

import pytest

from tests.unit.extraction.attribution.reading import said

FORMS = [
    (
        "«El puente aguantará», dijo el martes a la prensa el alcalde de Sumbal, Iñaki Vertol.",
        "Iñaki Vertol",
        "dijo",
        "El puente aguantará",
    ),
    (
        "«El puente aguantará», señaló este lunes la ministra de Obras Públicas.",
        "la ministra de Obras Públicas",
        "señaló",
        "El puente aguantará",
    ),
    ("“El puente aguantará”, afirmó Vertol.", "Vertol", "afirmó", "El puente aguantará"),
    (
        "El ministro de Defensa ha dicho que el puente aguantará.",
        "El ministro de Defensa",
        "ha dicho",
        "el puente aguantará",
    ),
    (
        "El ministro también había advertido de que el puente no aguantaría.",
        "El ministro",
        "había advertido",
        "el puente no aguantaría",
    ),
    ("La portavoz se quejó de que nadie la había consultado.", "La portavoz", "se quejó", "nadie la había"),
    (
        "En un comunicado, el Ministerio de Exteriores lamentó que la reunión se aplazara.",
        "el Ministerio de Exteriores",
        "lamentó",
        "la reunión se",
    ),
    ("El martes, el Gobierno anunció que reabrirá la frontera.", "el Gobierno", "anunció", "reabrirá"),
    ("El martes el Gobierno anunció que reabrirá la frontera.", "el Gobierno", "anunció", "reabrirá"),
    ("En Ginebra, dijo la enviada que las partes están cerca.", "la enviada", "dijo", "las partes están"),
    (
        "Según informó el Ministerio de Defensa, tres drones fueron derribados.",
        "el Ministerio de Defensa",
        "Según informó",
        "tres drones",
    ),
    (
        "Tres drones fueron derribados, según ha informado el Ministerio de Defensa.",
        "el Ministerio de Defensa",
        "según ha informado",
        "Tres drones",
    ),
    (
        "Tres drones fueron derribados, informó este jueves el Ministerio de Defensa en un comunicado.",
        "el Ministerio de Defensa",
        "informó",
        "Tres drones",
    ),
    ("Tres drones fueron derribados, dijeron fuentes militares.", "fuentes militares", "dijeron", "Tres drones"),
    (
        "Tres drones fueron derribados, de acuerdo con la agencia oficial.",
        "la agencia oficial",
        "de acuerdo con",
        "Tres drones",
    ),
    (
        "A juicio del analista Iñaki Vertol, el acuerdo no durará.",
        "analista Iñaki Vertol",
        "A juicio del",
        "el acuerdo",
    ),
    (
        "Un funcionario que pidió el anonimato dijo que las conversaciones siguen.",
        "Un funcionario",
        "dijo",
        "las conversaciones siguen",
    ),
    (
        "Vertol negó que sus tropas hubieran cruzado el río y aseguró que siguen en sus cuarteles.",
        "Vertol",
        "negó",
        "sus tropas",
    ),
    ("El embajador, que llegó anoche, explicó que no trae propuestas nuevas.", "El embajador", "explicó", "no trae"),
    (
        "Preguntado por los prisioneros, el canciller respondió: «No hay novedades todavía».",
        "el canciller",
        "respondió",
        "No hay novedades",
    ),
    ("«No hay novedades», se limitó a decir el canciller.", "el canciller", "se limitó a decir", "No hay novedades"),
    ("El Gobierno sostiene que la cifra es falsa.", "El Gobierno", "sostiene", "la cifra"),
    ("La oposición pidió al presidente que dimita.", "La oposición", "pidió", "al presidente que dimita"),
    ("La ONU instó a las partes a respetar la tregua.", "La ONU", "instó", "a las partes a respetar"),
    ("El informe, publicado el lunes, señala que la cosecha cayó.", "El informe", "señala", "la cosecha"),
    (
        "El diario Nordeste, que cita a dos diplomáticos, publicó que habrá cumbre.",
        "El diario Nordeste",
        "publicó",
        "habrá cumbre",
    ),
    ("Además, la ministra subrayó la necesidad de liberar a los presos.", "la ministra", "subrayó", "la necesidad"),
    ("Por su parte, Vertol subrayó la necesidad de liberar a los presos.", "Vertol", "subrayó", "la necesidad"),
    ("El ministro recordó, sin embargo, que el plazo vence el viernes.", "El ministro", "recordó", "el plazo"),
    ("«Es una trampa», opina Rosa Vertol, vecina de Sumbal.", "Rosa Vertol", "opina", "Es una trampa"),
    ("«Es una trampa», cuenta por teléfono Rosa Vertol, que perdió su casa.", "Rosa Vertol", "cuenta", "Es una trampa"),
    ("Rosa Vertol cuenta que perdió su casa.", "Rosa Vertol", "cuenta", "perdió su casa"),
    ('"Es una trampa", dijo Rosa Vertol a la cadena local.', "Rosa Vertol", "dijo", "Es una trampa"),
    (
        "El comandante rebelde Iñaki Vertol aseguró a esta agencia que sus hombres no se moverán.",
        "El comandante rebelde Iñaki Vertol",
        "aseguró",
        "sus hombres",
    ),
    (
        "Los rebeldes, en cambio, denunciaron que los bombardeos continúan.",
        "Los rebeldes",
        "denunciaron",
        "los bombardeos",
    ),
    ("La mediadora dijo este lunes en Doha que las partes “no están lejos”.", "La mediadora", "dijo", "las partes"),
    ("Desde Doha, Vertol insistió en que no habrá retirada.", "Vertol", "insistió", "no habrá"),
    ("A través de su portavoz, el presidente hizo saber que no viajará.", "el presidente", "hizo saber", "no viajará"),
    ("En palabras de Vertol, el plan es “papel mojado”.", "Vertol", "En palabras de", "el plan"),
    ("«El puente», según Vertol, «aguantará el invierno entero».", "Vertol", "según", "El puente"),
    ("El acuerdo, dijo la mediadora, entrará en vigor el lunes.", "la mediadora", "dijo", "El acuerdo"),
    ("«Seguimos hablando», dijo un funcionario que pidió el anonimato.", "un funcionario", "dijo", "Seguimos"),
    (
        "«Aguantará», ha asegurado hoy el portavoz del Ejército, coronel Iñaki Vertol, en rueda de prensa.",
        "Iñaki Vertol",
        "ha asegurado",
        "Aguantará",
    ),
]


@pytest.mark.parametrize(("text", "speaker", "cue", "words"), FORMS)
def test_form_is_read(text: str, speaker: str, cue: str, words: str) -> None:
    who, how, parts = said(text, "es")[0]

    assert (who, how) == (speaker, cue)
    assert parts[0].startswith(words)


@pytest.mark.parametrize(
    "text",
    [
        "El Gobierno sostuvo una reunión con los sindicatos.",
        "El ejército mantuvo sus posiciones en la colina.",
        "El Parlamento celebró el domingo elecciones.",
        "El ataque fue anunciado el lunes.",
    ],
)
def test_verb_of_another_meaning_gives_nobody_words(text: str) -> None:
    assert said(text, "es") == []


def test_subject_that_goes_unsaid_is_the_last_speaker() -> None:
    text = (
        "«La panadería no abrirá mañana», dijo la panadera, Ilsa Varn. «No queda harina en el pueblo», añadió. "
        "Según ella, el molino está cerrado. También advirtió de que nadie traerá más."
    )

    assert [speaker for speaker, _, _ in said(text, "es")] == ["Ilsa Varn"] * 4


def test_second_verb_shares_the_subject_of_the_first() -> None:
    text = "Vertol negó que sus tropas hubieran cruzado el río y también aseguró que siguen en sus cuarteles."

    assert said(text, "es") == [
        ("Vertol", "negó", ["sus tropas hubieran cruzado el río"]),
        ("Vertol", "aseguró", ["siguen en sus cuarteles"]),
    ]


def test_whom_a_demand_addresses_belongs_to_the_words() -> None:
    assert said("La oposición pidió a Vertol que dimita.", "es") == [
        ("La oposición", "pidió", ["a Vertol que dimita"]),
    ]
