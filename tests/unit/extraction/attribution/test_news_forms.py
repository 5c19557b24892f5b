"""Forms of real news that were read wrongly once: each one of a kind, of which `evals/forms` has more."""

import pytest

from service.extraction.analysis import analyse, unmarked_speech
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment

Said = list[tuple[str | None, str]]


def said(text: str, language: str = "en") -> Said:
    article = analyse(text, segment(text, language), find_passages(text), language)
    return [
        (
            one.speaker and text[one.speaker.start : one.speaker.end],
            " / ".join(text[part.start : part.end] for part in one.parts),
        )
        for one in article.attributions
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # marks inside marks of the same form
        (
            "“When the envoy told me “we will never sign this paper” I left the room,” President Marta Lind said.",
            [
                (
                    "President Marta Lind",
                    "When the envoy told me “we will never sign this paper” I left the room,",
                )
            ],
        ),
        # wrapped lines
        (
            (
                "The governor of the northern district said on Friday that the bridge\nover the river was closed. "
                "“We cannot let anybody cross before\nthe engineers have been here,” Governor Ada Wirth said."
            ),
            [
                ("The governor of the northern district", "the bridge\nover the river was closed"),
                ("Governor Ada Wirth", "We cannot let anybody cross before\nthe engineers have been here,"),
            ],
        ),
        (
            "Governor Ada Wirth said: “The bridge is open.\nIt will stay open.”",
            [("Governor Ada Wirth", "The bridge is open.\nIt will stay open.")],
        ),
        # two speakers in a sentence
        (
            "“We will sign,” said President Ivo Zelin, but Defence Minister Karla Voss replied: “Not before spring.”",
            [("President Ivo Zelin", "We will sign,"), ("Defence Minister Karla Voss", "Not before spring.")],
        ),
        (
            "Zelin said “we will sign” and Defence Minister Voss said “not before spring”.",
            [("Zelin", "we will sign"), ("Defence Minister Voss", "not before spring")],
        ),
        (
            "The army said it killed ten, and the rebels said they lost none.",
            [("The army", "it killed ten"), ("the rebels", "they lost none")],
        ),
        # speech of transcripts and wires
        (
            "SECRETARY HOLLIS: We have agreed to open the road.\nREPORTER: When?\nSECRETARY HOLLIS: In May.",
            [
                ("SECRETARY HOLLIS", "We have agreed to open the road."),
                (None, "When?"),
                ("SECRETARY HOLLIS", "In May."),
            ],
        ),
        (
            "“We are ready,” General Ada Wirth was quoted as saying.",
            [("General Ada Wirth", "We are ready,")],
        ),
        # words beside the name
        ("Lena Brandt on Friday said the talks had failed.", [("Lena Brandt", "the talks had failed")]),
        ("Lena Brandt late on Friday told reporters the talks had failed.", [("Lena Brandt", "the talks had failed")]),
        ("Lena Brandt in a statement said the talks had failed.", [("Lena Brandt", "the talks had failed")]),
        ("&ldquo;We are ready to leave,&rdquo; Lena Brandt said.", [("Lena Brandt", "We are ready to leave,")]),
        (
            "Karla Voss, the defence minister, who took office in May, said the road was open.",
            [("Karla Voss", "the road was open")],
        ),
        # who "he" and "she" are
        (
            (
                "Olena Hrytsenko met her Polish counterpart, Adam Wolny, in Lviv. “We are ready,” he said. "
                "“So are we,” she replied."
            ),
            [("Adam Wolny", "We are ready,"), ("Olena Hrytsenko", "So are we,")],
        ),
        ("Karl Voigt and Stefan Raumer spoke for an hour. He said it had been useful.", [(None, "it had been useful")]),
        # an announced speaker
        (
            "Hajek said. “So far there were no shells in the town at all.\n\n“We hope it stays so,” he added.",
            [("Hajek", "So far there were no shells in the town at all."), ("Hajek", "We hope it stays so,")],
        ),
        # denials, and whose words they are
        (
            "Davit Oran denied he had fired at the patrol, the agency said.",
            [("the agency", "Davit Oran denied he had fired at the patrol")],
        ),
        ("Ten people died, the ministry said, citing police.", [("the ministry", "Ten people died")]),
        (
            "Lena Brandt called the raid a “so-called special operation” and left.",
            [
                ("Lena Brandt", "the raid a “so-called special operation”"),
            ],
        ),
    ],
)
def test_words_are_given_to_whoever_says_them(text: str, expected: Said) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The minister said goodbye to the envoy.",
        "Lena Brandt said nothing about the trucks.",
        "The ministry declined to name the states that had promised the trucks.",
        "The army denied the claim.",
        "The workers, who were dismissed in April, went home.",
        "About 4,000 dockers marched to demand the return of 212 colleagues dismissed in April.",
        "The road is, to say the least, bad. That said, buses use it.",
        "By Rosa Quennell\n\nThe road was closed.\n\n(Reporting by Neil Farrow; editing by Jo Santander)",
    ],
)
def test_nobody_says_anything(text: str) -> None:
    assert said(text) == []


def test_german_speaker_stands_before_the_day() -> None:
    assert said("„Wir gehen“, sagte Verteidigungsministerin Karla Voss am Montag.", "de") == [
        ("Karla Voss", "Wir gehen")
    ]


def test_turns_and_dialogue_are_speech_without_marks() -> None:
    text = "HOLLIS: We have agreed.\nTAUB: We have not."

    assert [text[one.start : one.end] for one in unmarked_speech(text, "en")] == ["We have agreed.", "We have not."]
