"""Who runs user code: one package per SDK."""
