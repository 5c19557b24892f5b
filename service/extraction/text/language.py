"""BCP 47 tags, of which only the language matters to extraction."""


def subtag(tag: str | None) -> str | None:
    """The language of a BCP 47 tag in lower case: "pt" of "pt-BR" and of "pt_BR"; None of an empty tag or of None."""
    return (tag or "").replace("_", "-").split("-")[0].lower() or None
