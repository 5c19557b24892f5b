"""Languages as they are told: BCP 47 tags, of which only the language matters here."""


def subtag(tag: str | None) -> str | None:
    """The language of a tag in lower case ("pt" of "pt-BR" and "pt_BR"); None where none is told."""
    return (tag or "").replace("_", "-").split("-")[0].lower() or None
