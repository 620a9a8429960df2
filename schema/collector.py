"""How rarely Python looks for garbage in a process that lives long."""

import gc


def spare_collector(objects: int) -> None:
    """Leave what lives as long as the process alone, and look only once so many more objects were made than freed.

    To be called when everything is imported. What service and workers make refers in circles hardly ever.
    """
    gc.freeze()
    gc.set_threshold(objects)
