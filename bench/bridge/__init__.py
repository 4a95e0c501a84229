"""From a command on MQTT to a relay's pin: our bridge beside what else there is."""
