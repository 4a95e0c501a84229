"""PayBay's own pages and doors on Home Assistant's web server."""
