"""A small article and its result, with a record of each kind, for tests of what readers say of results."""

from typing import Any

from schemas.article import Article
from schemas.fields import Evidence, Mention
from schemas.kinds.military_claims import MilitaryClaim, Quantity
from schemas.kinds.negotiations import Negotiation, Representative
from schemas.kinds.quoted_officials import QuotedOfficial
from schemas.kinds.sanctions import Sanction, Target
from schemas.result import Extraction, Usage
from service.extraction.text.sentences import segment

TEXT = (
    "Envoys of Norvia and Tellan met in Geneva on Tuesday, said delegate Ivo Marn.\n\n"
    "The Norvian army said it had shelled Port Emmel, killing 12 soldiers. Nobody came.\n\n"
    "“We talk,” President Ana Rell said. Tellan froze the assets of Emmel Bank. “We talk,” she said again. Nobody came."
)
SENTENCES = segment(TEXT, "en")
MET, SHELLED, NOBODY, TALK, FROZE, AGAIN, NOBODY_AGAIN = range(1, 8)
"""Numbers of the sentences."""
ARTICLE = Article(text=TEXT, id="wire-17", title="Talks", published_at="2026-05-06", language="en")  # type: ignore[arg-type]


def said(words: str, number: int) -> Mention:
    """Words of a sentence."""
    start = TEXT.index(words, SENTENCES[number - 1].start)
    return Mention(start=start, end=start + len(words), text=words)


def cited(*numbers: int) -> list[Evidence]:
    sentences = [SENTENCES[number - 1] for number in numbers]
    return [Evidence(start=one.start, end=one.end, text=one.text, sentence=one.number) for one in sentences]


def quotation(words: str, speaker: str, number: int) -> QuotedOfficial:
    return QuotedOfficial(
        evidence=cited(number),
        content=[said(words, number)],
        speaker=said(speaker, number),
        position=None,
        affiliation=None,
        cue=said("said", number),
        speaker_type="person",
        is_official=True,
        sector="gov",
        quote_type="direct",
        about=["negotiation"],
    )


def records() -> dict[str, list[Any]]:
    """One record of each kind, and two quotations; what is wrong with them is for the test to say."""
    talks = Negotiation(
        evidence=cited(MET),
        parties=[said("Norvia", MET), said("Tellan", MET)],
        mediators=[],
        representatives=[Representative(name=said("Ivo Marn", MET), position=None, organization=None)],
        format="bilateral",
        status="held",
        stage="not_peace_process",
        round=None,
        topics=["other"],
        outcome=None,
        location=said("Geneva", MET),
        country="CH",
        date_text=said("Tuesday", MET),
        date="2026-05-05",
    )
    sanction = Sanction(
        evidence=cited(FROZE),
        action="imposed",
        authorities=[said("Tellan", FROZE)],
        targets=[Target(name=said("Emmel Bank", FROZE), target_type="company")],
        program=None,
        measures=["asset_freeze"],
        reason=None,
        status="active",
        date_text=None,
    )
    claim = MilitaryClaim(
        evidence=cited(SHELLED),
        claim_type="strike",
        claimant=said("The Norvian army", SHELLED),
        relayed_by=None,
        actor=None,
        affected=None,
        modality="certain",
        attribution_status="claimed",
        contested_by=[],
        quantities=[
            Quantity(
                metric="killed", text=said("12 soldiers", SHELLED), value_min=12.0, value_max=12.0, approximate=False
            )
        ],
        location=None,
        precision=None,
        date_text=None,
    )
    return {
        "negotiations": [talks],
        "sanctions": [sanction],
        "military_claims": [claim],
        "quoted_officials": [quotation("We talk", "President Ana Rell", TALK), quotation("We talk", "she", AGAIN)],
    }


def result(job_id: str = "1f", **changes: Any) -> dict[str, Any]:
    """The JSON of the answer to the article."""
    extraction = Extraction(
        id=job_id,
        article_id=ARTICLE.id,
        status="complete",
        records=records(),
        rejected=[],
        failures=[],
        usage=Usage(calls=1),
        model="scripted",
        prompt_version="p",
        schema_version="s",
        sentences=len(SENTENCES),
        questions=1,
        duration_seconds=1.5,
    )
    return {**extraction.model_dump(mode="json"), **changes}
