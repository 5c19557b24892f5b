from tests.support.fault_page import PAGE, page


def test_page_of_faults_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make faults"
