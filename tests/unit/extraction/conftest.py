"""One hypothesis profile for the core's property tests: repeatable, and short enough for every run."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "core",
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("core")
