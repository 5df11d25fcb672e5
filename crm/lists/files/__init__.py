"""Lists taken along as CSV and XLSX."""
