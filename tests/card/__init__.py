"""Tests of the cards: they have tools of their own, which these start."""
