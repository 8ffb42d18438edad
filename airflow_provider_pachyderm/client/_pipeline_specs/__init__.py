"""Pipeline specs: reading, checking, sorting and comparing them. Pure: no channel, no clock, no protobuf."""
