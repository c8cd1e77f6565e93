"""Opens the models that the settings name."""

from __future__ import annotations

import os

from ...settings import Settings
from .models import ChatModel, open_model
from .prices import Price
from .text_tools import ModelWithTools


def open_chat(settings: Settings, spec: str) -> ChatModel:
    """Open a model that takes part, by its name; it can be offered tools.

    Raises:
        UserError: No such provider, or its key is missing.
    """
    return ModelWithTools(model=_open(settings, spec), protocol=settings.tool_protocol)


def judge_model(settings: Settings) -> ChatModel:
    """Open the model that is asked for its opinion of patches.

    Raises:
        UserError: No such provider, or its key is missing.
    """
    return _open(settings, settings.judge or "")


def _open(settings: Settings, name: str) -> ChatModel:
    prices = {
        model: Price(
            input_usd=input_usd,
            output_usd=output_usd,
            cache_read_usd=input_usd,
            cache_write_usd=input_usd,
        )
        for model, (input_usd, output_usd) in settings.prices.items()
    }
    return open_model(name, base_url=settings.base_url, environ=os.environ, prices=prices)
