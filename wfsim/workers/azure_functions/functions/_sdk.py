"""Every touch of the internals of `azure-functions` that calling plain functions needs.

The converters are the ones that the Functions worker uses: data of the wire become the SDK's
objects, and what functions return becomes data of the wire. What the worker has of its own — its
binding for types without a converter, its `Out` and its `Context` — is written here again after
its source, on the SDK's public base classes.
"""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Final, Generic, TypeVar, Union, cast

import azure.functions as func
from azure.functions.meta import Datum, get_binding_registry

__all__ = [
    "GENERIC",
    "Context",
    "Datum",
    "HttpReply",
    "Out",
    "Wire",
    "accepts",
    "bytes_datum",
    "collection",
    "decode",
    "encode",
    "has_converter",
    "has_implicit_output",
    "hints_of",
    "http_datum",
    "is_coroutine_function",
    "is_type",
    "json_datum",
    "out_type",
    "text_datum",
    "wants_metadata",
]

GENERIC: Final = "generic"
"""What the worker calls the binding of parameters that want plain text or bytes."""

_T = TypeVar("_T")


# --- data of the wire ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What a function handed out, as the worker sends it to the host."""

    type: str | None
    """Such as "string", "bytes", "json"; None for nothing."""
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """An HTTP response as the worker sends it to the host."""

    status: str
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[SimpleCookie, ...]
    body: bytes


class _Collection:
    """Several texts or several bodies, as a message of the wire holds them."""

    def __init__(self, *, string: Sequence[str] = (), bytes: Sequence[bytes] = ()) -> None:  # noqa: A002
        self.string = list(string)
        self.bytes = list(bytes)


def text_datum(text: str) -> Datum:
    """Return text as the host sends it."""
    return Datum(type="string", value=text)


def bytes_datum(body: bytes) -> Datum:
    """Return bytes as the host sends them."""
    return Datum(type="bytes", value=body)


def json_datum(value: object) -> Datum:
    """Return a value as the host sends what is neither text nor bytes.

    Raises:
        TypeError: it is not JSON.
    """
    return Datum(type="json", value=json.dumps(value))


def collection(items: Sequence[str | bytes]) -> Datum:
    """Return the bodies of a batch: texts if all are, else bytes."""
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) == len(items):
        return Datum(type="collection_string", value=_Collection(string=texts))
    bodies = [item.encode() if isinstance(item, str) else item for item in items]
    return Datum(type="collection_bytes", value=_Collection(bytes=bodies))


def http_datum(
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    params: Mapping[str, str],
    body: bytes,
) -> Datum:
    """Return an HTTP request as the host sends it."""
    value = {
        "method": text_datum(method),
        "url": text_datum(url),
        "headers": {name: text_datum(text) for name, text in headers.items()},
        "query": {name: text_datum(text) for name, text in query.items()},
        "params": {name: text_datum(text) for name, text in params.items()},
        "body": bytes_datum(body),
    }
    return Datum(type="http", value=value)


# --- converters ---------------------------------------------------------------------------------


class _GenericBinding:
    """The worker's binding for types that the SDK has no converter for."""

    @classmethod
    def check_input_type_annotation(cls, pytype: type) -> bool:
        return issubclass(pytype, (str, bytes))

    @classmethod
    def check_output_type_annotation(cls, pytype: type) -> bool:
        return issubclass(pytype, (str, bytes, bytearray))

    @classmethod
    def decode(cls, data: Datum | None, *, trigger_metadata: object) -> object:  # noqa: ARG003
        return None if data is None else data.value

    @classmethod
    def encode(cls, obj: object, *, expected_type: object) -> Datum:  # noqa: ARG003
        match obj:
            case str():
                return text_datum(obj)
            case bytes() | bytearray():
                return bytes_datum(bytes(obj))
            case None:
                return Datum(type=None, value=None)
            case dict() | list():
                return json_datum(cast("object", obj))
            case int():
                return Datum(type="int", value=int(obj))
            case float():
                return Datum(type="double", value=obj)
            case _:
                # So do the SDK's converters say that they do not take a value; `encode` rewords it.
                raise NotImplementedError


def _converter(kind: str) -> Any:  # noqa: ANN401 - a class of the SDK, or ours in its shape
    registry: Any = cast("Any", get_binding_registry)()
    return registry.get(kind) or _GenericBinding


def has_converter(kind: str) -> bool:
    """Whether the SDK has objects of its own for a type of binding."""
    return _converter(kind) is not _GenericBinding


def has_implicit_output(kind: str) -> bool:
    """Whether the return value goes to a binding of this type though no `$return` is declared."""
    converter = _converter(kind)
    if converter is _GenericBinding:
        return kind != "durableClient"
    return bool(getattr(converter, "has_implicit_output", lambda: False)())


def wants_metadata(kind: str) -> bool:
    """Whether the worker hands the trigger's metadata to this type of binding."""
    support = getattr(_converter(kind), "has_trigger_support", None)
    return support is not None and bool(support())


def accepts(kind: str, pytype: type, *, output: bool) -> bool:
    """Whether the worker accepts a parameter's annotation for a type of binding."""
    name = "check_output_type_annotation" if output else "check_input_type_annotation"
    check = getattr(_converter(kind), name, None)
    try:
        return check is None or bool(check(pytype))
    except TypeError:  # not a class, which the SDK's check does not look at
        return True


def decode(kind: str, data: Datum | None, *, metadata: Mapping[str, Datum]) -> object:
    """Make the object that a function gets, as the worker does.

    Raises:
        TypeError: the type of binding cannot take data of this kind, worded as the worker does.
    """
    converter = _converter(kind)
    try:
        return cast("object", converter.decode(data, trigger_metadata=metadata))
    except NotImplementedError:  # the SDK's own way to refuse, which the worker words so
        raise TypeError(
            "unable to decode incoming TypedData: unsupported combination of TypedData field "
            f"{None if data is None else data.type!r} and expected binding type {converter}"
        ) from None


def encode(kind: str, value: object, *, pytype: object = None) -> Wire:
    """Make the data of the wire of what a function handed out, as the worker does.

    Raises:
        TypeError: the type of binding cannot take the value, worded as the worker does.
    """
    converter = _converter(kind)
    try:
        datum = converter.encode(value, expected_type=pytype)
    except (NotImplementedError, AttributeError) as error:
        if isinstance(error, AttributeError) and hasattr(converter, "encode"):
            raise
        raise TypeError(
            f'unable to encode outgoing TypedData: unsupported type "{converter}" for '
            f'Python type "{type(value).__name__}"'
        ) from None
    if datum is None or datum.type is None:
        return Wire(type=None, value=None)
    if datum.type == "http":
        return Wire(type="http", value=_http_reply(datum.value))
    return Wire(type=str(datum.type), value=datum.value)


def _http_reply(value: Mapping[str, Any]) -> HttpReply:
    cookies: Sequence[SimpleCookie] = value.get("cookies") or ()
    return HttpReply(
        status=str(value["status_code"].value),
        headers=tuple((str(name), str(item.value)) for name, item in value["headers"].items()),
        cookies=tuple(cookies),
        body=bytes(value["body"].value),
    )


# --- what the worker reads in a signature -------------------------------------------------------


def is_coroutine_function(call: Callable[..., Any]) -> bool:
    """Whether the worker awaits the function, and does not hand it to a thread."""
    return inspect.iscoroutinefunction(call)


def hints_of(call: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations of a function.

    Raises:
        Exception: one of them cannot be evaluated, such as a NameError.
    """
    return typing.get_type_hints(call)


def out_type(annotation: object) -> tuple[object] | None:
    """Return the T of an annotation `func.Out[T]`, in a tuple; None for other annotations."""
    origin = typing.get_origin(annotation)
    if origin is None:
        return (None,) if annotation is func.Out else None
    return (typing.get_args(annotation)[0],) if origin is func.Out else None


def is_type(annotation: object) -> bool:
    """Whether the worker takes an annotation for one: a class, or a generic such as `list[T]`."""
    if isinstance(annotation, type):
        return True
    return typing.get_origin(annotation) not in {None, Union, types.UnionType}


# --- what the worker hands to functions ---------------------------------------------------------


class Out(func.Out[_T], Generic[_T]):
    """The value of one output binding."""

    def __init__(self) -> None:
        self._value: _T | None = None

    def set(self, val: _T) -> None:
        """Take the value."""
        self._value = val

    def get(self) -> _T:
        """Return the value, None if there is none."""
        return cast("_T", self._value)


@dataclass(frozen=True, slots=True)
class _TraceContext:
    trace_parent: str = ""
    trace_state: str = ""
    attributes: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class _RetryContext:
    retry_count: int = 0
    max_retry_count: int = 0
    exception: object = None


class Context(func.Context):
    """One invocation, as a function that asks for `context` sees it."""

    def __init__(self, *, name: str, directory: str, invocation_id: str) -> None:
        self._name = name
        self._directory = directory
        self._invocation_id = invocation_id
        self._local = types.SimpleNamespace(invocation_id=invocation_id)
        self._trace = _TraceContext()
        self._retry = _RetryContext()

    @property
    def invocation_id(self) -> str:
        """The invocation's id."""
        return self._invocation_id

    @property
    def thread_local_storage(self) -> Any:  # noqa: ANN401 - attributes of the user's choice
        """Where a function hands its invocation's id to threads of its own."""
        return self._local

    @property
    def function_name(self) -> str:
        """The function's name."""
        return self._name

    @property
    def function_directory(self) -> str:
        """The folder of the function's file."""
        return self._directory

    @property
    def trace_context(self) -> Any:  # noqa: ANN401 - the SDK's class is not public
        """W3C trace context; a simulation has none."""
        return self._trace

    @property
    def retry_context(self) -> Any:  # noqa: ANN401 - the SDK's class is not public
        """Of the host's retry policy, which never retries here."""
        return self._retry
