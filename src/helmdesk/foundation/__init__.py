"""What every room stands on and none of it is about help desks: time, text, files, jobs, listeners."""
