"""What a reader finds on pages whose truth is known, field by field.

sites (pages and what was planted) → ours or a peer (pages → what was found) → scoring → a table
"""
