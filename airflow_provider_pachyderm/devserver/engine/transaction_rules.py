"""What differs between releases about transactions."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Text, changed, coded_late

DASHED_TRANSACTIONS = Rule("Ids of transactions are written with dashes", {"1.4": True, "2.0": False})
TRANSACTION_NOT_FOUND = Text(
    "The transaction does not exist",
    {"1.9": "/pachyderm_pfs/transactions/ {id} not found", **coded_late("transactions {id} not found")},
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
)
