"""Every way in which units move. The database has the last word: guarded UPDATEs, whose row count is the verdict."""
