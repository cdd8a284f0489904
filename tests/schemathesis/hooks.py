"""What Schemathesis has to know about the server that it asks."""

import json
import os
import urllib.request

import schemathesis


def own_id():
    """The id of the operator who asks."""
    request = urllib.request.Request(
        os.environ["KEYWARD_URL"] + "/v1/me",
        headers={"Authorization": "Bearer " + os.environ["KEYWARD_OPERATOR_KEY"]},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["id"]


OWN = own_id()


@schemathesis.hook
def filter_case(context, case):
    """Whoever asks is neither removed nor given another key: every answer after that would be 401."""
    changes = case.method.upper() in ("POST", "DELETE")
    return not (changes and (case.path_parameters or {}).get("id") == OWN)
