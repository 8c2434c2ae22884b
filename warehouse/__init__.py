"""The PostgreSQL side: settings, engine, raw and ops tables, loading and publishing."""
