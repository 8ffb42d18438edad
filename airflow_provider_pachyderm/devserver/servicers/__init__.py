"""Translation between gRPC and the engine: one class a service, one method an RPC, no rules."""
