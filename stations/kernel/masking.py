"""How much of a phone number is shown to those who need not call it."""

SHORTEST_SHOWN = 8


def mask_phone(phone: str) -> str:
    """138****1234; of a number too short for that only that there is one."""
    if len(phone) >= SHORTEST_SHOWN:
        return f"{phone[:3]}****{phone[-4:]}"
    return "****" if phone else ""
