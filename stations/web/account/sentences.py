"""What the sign-in library says, in our words and out of our catalogue."""

from flask import Flask

from stations.config import ROOT
from stations.kernel.text import Text, _

SENTENCES: dict[str, tuple[Text, str]] = {
    "GENERIC_AUTHN_FAILED": (_("The user name or the password is not right."), "error"),
    "UNAUTHENTICATED": (_("This page is for staff. Please sign in first."), "error"),
    "REAUTHENTICATION_REQUIRED": (_("Please type your password once more for this step."), "error"),
    "REAUTHENTICATION_SUCCESSFUL": (_("Thank you, please go on."), "success"),
    "RETYPE_PASSWORD_MISMATCH": (_("The two passwords are not the same."), "error"),
    "PASSWORD_NOT_PROVIDED": (_("Please fill this in."), "error"),
    "PASSWORD_INVALID_LENGTH": (_("The password needs at least %(length)s characters."), "error"),
    "INVALID_PASSWORD": (_("This is not your present password."), "error"),
    "PASSWORD_IS_THE_SAME": (_("The new password is the same as the present one."), "error"),
    "PASSWORD_CHANGE": (_("Your password is changed."), "success"),
    "INVALID_CODE": (_("Please type the six digits that the app shows now."), "error"),
    "TWO_FACTOR_INVALID_TOKEN": (_("This is not the code that the app shows now."), "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("Your sign-in code is right."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (_("From now on you sign in with a code too."), "success"),
    "TWO_FACTOR_PERMISSION_DENIED": (_("Please sign in first."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_("Please choose one of these."), "error"),
    "TWO_FACTOR_DISABLED": (_("You sign in without a code now."), "success"),
    "TWO_FACTOR_SETUP_EXPIRED": (_("That took too long. Please begin again."), "error"),
}


def install(app: Flask) -> None:
    """Let the library look its sentences up where all others are."""
    app.config["SECURITY_I18N_DOMAIN"] = "messages"
    app.config["SECURITY_I18N_DIRNAME"] = [str(ROOT / "stations" / "translations")]
    for name, (text, category) in SENTENCES.items():
        app.config[f"SECURITY_MSG_{name}"] = (text.message, category)
