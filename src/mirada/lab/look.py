"""Looking into a trained network."""

from mirada.lab import look_maps
from mirada.lab.asked import Work
from mirada.lab.look_compared import compared
from mirada.lab.look_judged import judged, samples
from mirada.lab.look_learned import learned
from mirada.lab.look_runs import runs
from mirada.lab.look_why import why
from mirada.lab.uploads import MOST_UPLOAD_BYTES

__all__ = ["WORK"]

WORK: tuple[Work, ...] = (
    Work("GET", "/api/look/runs", runs),
    Work("POST", "/api/look/network", look_maps.network),
    Work("POST", "/api/look/sent", look_maps.sent, MOST_UPLOAD_BYTES),
    Work("POST", "/api/look/sample", look_maps.sample),
    Work("POST", "/api/look/image", look_maps.image),
    Work("POST", "/api/look/maps", look_maps.maps),
    Work("POST", "/api/look/element", look_maps.element),
    Work("POST", "/api/look/samples", samples),
    Work("POST", "/api/look/why", why),
    Work("POST", "/api/look/learned", learned),
    Work("POST", "/api/look/judged", judged),
    Work("POST", "/api/look/compared", compared),
)
