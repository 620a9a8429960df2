"""Usage and cost reports of providers, one file each: how to request and read them."""
