"""`Advice`: what the forecast says beside one proposal; a value that can do nothing."""

from __future__ import annotations

from dataclasses import dataclass

from allusedesk.domain.forecasts import Likelihood


@dataclass(frozen=True, slots=True)
class Advice:
    """Probabilities of the week a proposal belongs to, and how far to believe them.

    `remark` is the sentence beside the proposal, `confidence` how such forecasts have done;
    `model` names the model. No probabilities where the forecast is silent.
    """

    remark: str
    confidence: str
    likelihoods: tuple[Likelihood, ...]
    model: str
