"""What the tables were measured on."""

import platform


def processor():
    """What stands in /proc/cpuinfo, where there is one: which functions of a peer are fast depends on it."""
    fields = {}
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                name, _, value = line.partition(":")
                fields.setdefault(name.strip(), value.strip())
    except OSError:
        return platform.machine()
    return f"{fields.get('model name', platform.machine())} (family {fields.get('cpu family', '?')}, model {fields.get('model', '?')})"
