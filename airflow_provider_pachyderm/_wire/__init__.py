"""Generated protobuf messages and call tables, one package per wire world; see tools/gen_protos.py."""
