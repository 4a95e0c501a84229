"""Posters to print: what a bay sells and its QR code, as SVG, PDF and PNG."""
