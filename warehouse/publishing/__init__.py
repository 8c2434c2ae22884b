"""Write-audit-publish: from the tables that dbt built to the marts that people read."""
