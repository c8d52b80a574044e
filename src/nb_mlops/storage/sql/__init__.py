"""SQL, all of it: connections, numbered migrations, one function per query. Only `catalog_sql` looks in here."""
