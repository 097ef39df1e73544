"""Settings of the property tests of the rules."""

from hypothesis import settings

# the machine may be busy with other tests; how long one example takes proves nothing
settings.register_profile("counter", deadline=None)
settings.load_profile("counter")
