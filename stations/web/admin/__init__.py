"""The staff's pages: stations, exam sites, exam times, imports."""
