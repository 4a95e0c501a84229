"""Payment companies, each behind the one interface of `base`."""
