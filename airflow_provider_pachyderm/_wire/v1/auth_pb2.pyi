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

class AuthenticateRequest(_message.Message):
    __slots__ = ("github_token", "one_time_password", "oidc_state", "id_token")
    GITHUB_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ONE_TIME_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    OIDC_STATE_FIELD_NUMBER: _ClassVar[int]
    ID_TOKEN_FIELD_NUMBER: _ClassVar[int]
    github_token: str
    one_time_password: str
    oidc_state: str
    id_token: str
    def __init__(self, github_token: _Optional[str] = ..., one_time_password: _Optional[str] = ..., oidc_state: _Optional[str] = ..., id_token: _Optional[str] = ...) -> None: ...

class AuthenticateResponse(_message.Message):
    __slots__ = ("pach_token",)
    PACH_TOKEN_FIELD_NUMBER: _ClassVar[int]
    pach_token: str
    def __init__(self, pach_token: _Optional[str] = ...) -> None: ...

class GetOIDCLoginRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetOIDCLoginResponse(_message.Message):
    __slots__ = ("login_url", "state")
    LOGIN_URL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    login_url: str
    state: str
    def __init__(self, login_url: _Optional[str] = ..., state: _Optional[str] = ...) -> None: ...

class GetAuthTokenRequest(_message.Message):
    __slots__ = ("subject", "ttl")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    subject: str
    ttl: int
    def __init__(self, subject: _Optional[str] = ..., ttl: _Optional[int] = ...) -> None: ...

class GetAuthTokenResponse(_message.Message):
    __slots__ = ("token", "subject")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    token: str
    subject: str
    def __init__(self, token: _Optional[str] = ..., subject: _Optional[str] = ...) -> None: ...

class RevokeAuthTokenRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class RevokeAuthTokenResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

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
