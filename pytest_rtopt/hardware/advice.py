"""The warning category for advice; in a module of its own, so that a warnings filter imports little."""


class RtoptAdvice(UserWarning):
    """Advice about a state of the machine that makes builds fail or measurements noisy."""
