"""Where things are: District, ExamSite with its gates, Station with hours and services, Landmark."""
