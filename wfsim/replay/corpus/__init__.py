"""Histories as small text files that people review, and the set of them that covers an app."""

__all__ = ["is_corpus"]


def is_corpus(text: str) -> bool:
    """Whether a file that begins so is a corpus file."""
    return text.startswith("# wfsim corpus ")
