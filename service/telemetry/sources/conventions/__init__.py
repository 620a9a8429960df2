"""The GenAI semantic conventions: how emitters spell usage, what they mean by it, and how requests and points are read.

https://github.com/open-telemetry/semantic-conventions-genai.
"""
