"""JSON that both service and workers read: msgspec structs that validate on decoding, one file per resource."""
