"""A pytest plugin: what hypothesis finds is not made smaller; that it finds something is enough."""

from hypothesis import Phase, settings

settings.register_profile("quick", phases=[Phase.explicit, Phase.generate])
settings.load_profile("quick")
