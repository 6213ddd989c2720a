"""Errors of training and of opening artifacts; services map `code` to their own errors."""


class TrainingImpossibleError(Exception):
    """There is not enough labelled data to train on; `code` is stable, the message says what is missing."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ArtifactRefusedError(Exception):
    """An artifact was not opened; `code` is stable, the message says which check failed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


ArtifactRefused = ArtifactRefusedError
