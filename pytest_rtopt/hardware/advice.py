"""The category of warnings that give advice; apart, so that a warnings filter can name it at no cost."""


class RtoptAdvice(UserWarning):
    """A state of the machine that makes builds fail or measurements noisy, and what to do about it."""
