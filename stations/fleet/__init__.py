"""Emergency vehicles: who stands by where, who asks for help, and which vehicle brings whom to which gate in time.

A help request is what somebody asks for; a ride is one vehicle's part in it; a booking is a span of a vehicle's
time; a fix is a position with the time at which the device had it."""
