"""From a press to the edited notice, beside a bare loop; and a board while much is done to it."""
