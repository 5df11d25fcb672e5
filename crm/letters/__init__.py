"""Floor 6: letters that two governments send to encourage States to join the treaty."""
