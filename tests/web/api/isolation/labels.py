"""Labels on paper are the pharmacy's own business."""

from tests.web.api.isolation import to_staff

_REASON = {"reason": "The first one was torn."}
_PRINT = {"printer": "browser"}
REACHES = {
    ("POST", "/api/v1/labels/{label_id}/prints"): to_staff(_PRINT),
    ("POST", "/api/v1/labels/{label_id}/reprints"): to_staff({**_PRINT, **_REASON}),
    ("POST", "/api/v1/labels/{label_id}/void"): to_staff(_REASON),
    ("POST", "/api/v1/labels/{label_id}/replacements"): to_staff(_REASON),
}
