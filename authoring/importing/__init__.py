"""Questions of other systems (Moodle XML, GIFT) as question files of the bank."""
