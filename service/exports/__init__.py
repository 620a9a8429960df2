"""Lists and reporting views as CSV and Parquet files, streamed."""
