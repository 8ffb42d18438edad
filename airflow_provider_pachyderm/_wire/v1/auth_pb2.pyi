from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ClusterRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLUSTER_ROLE_UNDEFINED: _ClassVar[ClusterRole]
    CLUSTER_ROLE_SUPER: _ClassVar[ClusterRole]
    CLUSTER_ROLE_FS: _ClassVar[ClusterRole]

class Scope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCOPE_NONE: _ClassVar[Scope]
    SCOPE_READER: _ClassVar[Scope]
    SCOPE_WRITER: _ClassVar[Scope]
    SCOPE_OWNER: _ClassVar[Scope]
CLUSTER_ROLE_UNDEFINED: ClusterRole
CLUSTER_ROLE_SUPER: ClusterRole
CLUSTER_ROLE_FS: ClusterRole
SCOPE_NONE: Scope
SCOPE_READER: Scope
SCOPE_WRITER: Scope
SCOPE_OWNER: Scope

class ClusterRoles(_message.Message):
    __slots__ = ("roles",)
    ROLES_FIELD_NUMBER: _ClassVar[int]
    roles: _containers.RepeatedScalarFieldContainer[ClusterRole]
    def __init__(self, roles: _Optional[_Iterable[_Union[ClusterRole, str]]] = ...) -> None: ...

class WhoAmIRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WhoAmIResponse(_message.Message):
    __slots__ = ("username", "is_admin", "ttl", "cluster_roles")
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    IS_ADMIN_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_ROLES_FIELD_NUMBER: _ClassVar[int]
    username: str
    is_admin: bool
    ttl: int
    cluster_roles: ClusterRoles
    def __init__(self, username: _Optional[str] = ..., is_admin: bool = ..., ttl: _Optional[int] = ..., cluster_roles: _Optional[_Union[ClusterRoles, _Mapping]] = ...) -> None: ...
