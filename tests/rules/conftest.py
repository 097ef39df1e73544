"""Settings of the property tests of the rules."""

from hypothesis import HealthCheck, settings

# the machine may be busy with other tests; how long one example takes proves nothing
settings.register_profile("counter", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("counter")
