"""Who should stand where: seats and volunteers in, a roster with its bound and its reasons out; same in, same out."""
