"""Cleaning whole corpora: every common format, in parallel, resumable, and with an account of what
was removed."""
