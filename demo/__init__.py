"""The demo: a provider, devices and a site that need no account and no hardware."""
