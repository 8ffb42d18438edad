"""Carries calls to the server: gRPC for the sync client, grpc.aio for the async one, with the same methods."""
