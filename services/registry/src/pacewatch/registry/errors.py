"""The registry's errors; each docstring is the default message of its HTTP answer."""

from pacewatch.kit.errors import Conflict, Forbidden, NotFound, Unavailable, Unprocessable


class NoSuchModel(NotFound):
    """There is no model of this version; `GET models` lists them."""

    code = "no_such_model"


class NoActiveModel(NotFound):
    """No model is active yet; train one, or activate an accepted version."""

    code = "no_active_model"


class ModelNotAccepted(Conflict):
    """Only a version that passed the gate can be activated; a superuser may `POST models/{version}/promote` another."""

    code = "model_not_accepted"


class ModelUnusable(Conflict):
    """This model cannot be opened here, so it would score nothing; activate another version, or train a new one."""

    code = "model_unusable"


class ArtifactUnreadable(Unavailable):
    """The artifact cannot be read now; see that the registry may read its store, and try again."""

    code = "artifact_unreadable"


class NothingToSign(Conflict):
    """Only a version that the gate kept back, or had too little evidence on, can be promoted by signature."""

    code = "nothing_to_sign"


class NeedsPerson(Forbidden):
    """A promotion against the gate is signed by a person; an API key cannot."""

    code = "needs_person"


class ActiveModelChanged(Conflict):
    """The active model changed in the meantime; check which one is active and decide again."""

    code = "active_model_changed"


class NothingToRollBackTo(Conflict):
    """There is no earlier active model to return to."""

    code = "nothing_to_roll_back_to"


class ModelInUse(Conflict):
    """The active model, and the one a rollback would return to, cannot be deleted."""

    code = "model_in_use"


class ModelUndecided(Conflict):
    """The gate has not decided on this candidate yet; try again in a moment."""

    code = "model_undecided"


class NoSuchRun(NotFound):
    """There is no training run of this id; `GET training-runs` lists them."""

    code = "no_such_run"


class RunUnderWay(Conflict):
    """A training run is under way; wait for it or cancel it."""

    code = "run_under_way"


class RunEnded(Conflict):
    """The training run has already ended."""

    code = "run_ended"


class BadParameters(Unprocessable):
    """No model can be trained with these hyperparameters."""

    code = "bad_parameters"
