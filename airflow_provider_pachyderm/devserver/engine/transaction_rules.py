"""What differs between releases about transactions."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Text, changed, coded_late

DASHED_TRANSACTIONS = Rule(
    "Ids of transactions are written with dashes",
    {"1.4": True, "2.0": False},
    recorded="2.0.8",
    source="src/server/transaction/server/driver.go: startTransaction",
)
TRANSACTION_NOT_FOUND = Text(
    "The transaction does not exist",
    {"1.9": "/pachyderm_pfs/transactions/ {id} not found", **coded_late("transactions {id} not found")},
    recorded="2.0.8 2.1.9 2.2.8",
    source={
        "2.0": "src/internal/collection/errors.go: Error",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
TRANSACTION_TO_DELETE_NOT_FOUND = Text(
    "DeleteTransaction of one that does not exist",
    changed(
        TRANSACTION_NOT_FOUND,
        {
            "1.9": " /pachyderm_pfs/transactions/{id} not found",
            "1.13": "/pachyderm_pfs/transactions/ {id} not found",
        },
    ),
    recorded="2.0.8 2.1.9 2.2.8",
    source={
        "2.0": "src/internal/collection/errors.go: Error",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
