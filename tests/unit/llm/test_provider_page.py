from tests.support.provider_page import PAGE, page


def test_page_of_model_servers_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make providers"
