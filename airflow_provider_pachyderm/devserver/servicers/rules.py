"""What differs between releases about calls as such."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

UNKNOWN_METHOD = Rule(
    "What is said of a call that a known service does not have",
    {
        "1.4": "unknown method {name}",
        "1.8.1": "unknown service {service}",
        "1.9.1": "unknown method {name} for service {service}",
    },
    source={
        "1.8.1": "src/server/vendor/google.golang.org/grpc/server.go: handleStream",
        "1.9.1": "go.mod: google.golang.org/grpc",
    },
)
OLD_CLIENTS_TOLD = Rule(
    "A call to 1.x or to an unknown name is refused by what checks who is calling",
    {"1.4": False, "2.0": True, "2.4.2": False},
    source={
        "2.0": "src/internal/middleware/version/interceptor.go: UnaryServerInterceptor",
        "2.4.2": "src/internal/pachd/builder.go",
    },
)
