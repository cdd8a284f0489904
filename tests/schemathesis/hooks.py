"""What Schemathesis has to know about the server that it asks."""

import copy
import json
import os
import pathlib
import re
import urllib.request
from datetime import datetime

import schemathesis
import tomllib
from hypothesis import strategies

HERE = pathlib.Path(__file__).parent

# What a schema cannot say: answers that refuse what it allows, each with its reason.
EXEMPT = tomllib.loads((HERE / "exempt.toml").read_text())["exempt"]

# Which of these were seen: whoever runs this holds against it that none is there for nothing.
SEEN = pathlib.Path(os.environ["KEYWARD_SEEN"])


def ask(method, path, body=None):
    """What the server answers the caller."""
    request = urllib.request.Request(
        os.environ["KEYWARD_URL"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": "Bearer " + os.environ["KEYWARD_OPERATOR_KEY"],
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


OWN = {ask("GET", "/v1/me")["id"], *os.environ["KEYWARD_SPARED"].split()}

# Of the first operator, and of those in callers.json.
CREDENTIALS = {"Bearer " + os.environ["KEYWARD_OPERATOR_KEY"]} | {
    header["value"]
    for caller in json.loads(pathlib.Path("callers.json").read_text())["auth"]
    for header in caller["fixedHeaders"]
}

# Quotes are nothing that Schemathesis would think of in a header.
schemathesis.openapi.format("entity-tag", strategies.sampled_from(["*", "*", "*", "*", '"1"', '"7"']))

# Mostly a new one, sometimes the same.
tokens = strategies.uuids().map(str)
schemathesis.openapi.format("fresh", tokens | tokens | tokens | strategies.just("again"))

# Most of the times that it would think of are over.
times = strategies.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)).map(datetime.isoformat)
offsets = strategies.sampled_from(["Z", "z", "+00:00", "-23:59", "+05:30"])
schemathesis.openapi.format("date-time", strategies.builds("{}{}".format, times, offsets))

# How to make what a path with an id leads to, so that each operation has one of its own to begin with.
OPERATOR = {"name": "Ada at acme", "rights": ["keys.read"]}
MADE = {
    "keys": {"name": "CRM", "level": "read"},
    "operators": OPERATOR,
    "tokens": {"rights": ["snapshot.read"]},
    "portal-links": {},
}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Whoever asks is neither removed nor given another key: every answer after that would be 401."""
    changes = case.method.upper() in ("POST", "DELETE")
    place = case.path_parameters or {}
    if changes and place.get("id") in OWN:
        place["id"] = "op_000000000"
    # The account in which all the others work is not switched off either.
    if case.method.upper() == "PATCH" and case.path.endswith("/{account}") and place.get("account") == "acme":
        place["account"] = "globex"


@schemathesis.check
def caller_stays_known(ctx, response, case):
    """A run in which the credential stopped to count would find nothing, and look well."""
    sent = response.request.headers.get("Authorization")
    assert response.status_code != 401 or sent not in CREDENTIALS, "the credential is not known any more"


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """The document is for every profile. The one that is asked about here is known, so its own words are written in."""
    schemas = raw_schema["components"]["schemas"]
    for path, item in raw_schema["paths"].items():
        for operation in item.values():
            bring_witnesses(operation)
            for parameter in operation.get("parameters", []):
                if parameter["name"] == "If-Match":
                    parameter["schema"]["format"] = "entity-tag"
                elif parameter["name"] == "Idempotency-Key":
                    parameter["schema"]["format"] = "fresh"
                elif parameter["name"] == "id":
                    parameter["example"] = made(path)
    level = {"type": "string", "enum": ["read", "full"]}
    text = schemas["CreateAccountBody"]["properties"]["name"]["pattern"]
    networks = ["192.0.2.0/24", "198.51.100.7", "2001:db8::/32", "2001:db8::7"]
    constraints = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "ip": {
                "oneOf": [
                    {"const": "all"},
                    {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": networks}},
                ]
            }
        },
    }
    for body in ("CreateKeyBody", "UpdateKeyBody"):
        schema = schemas[body]
        may_be_null = ["string", "null"]
        schema["additionalProperties"] = False
        schema["properties"] |= {
            "name": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": text},
            "description": {"type": may_be_null, "minLength": 1, "maxLength": 500, "pattern": text},
            "level": level,
        }
        schema["properties"]["constraints"] |= constraints
        schema["properties"]["constraints"].pop("propertyNames", None)
        if body == "CreateKeyBody":
            schema["required"] = ["level", "name"]
            schema["properties"]["constraints"]["type"] = ["object", "null"]
        schema["example"] = {"name": "CRM", "level": "full"}
    week = 7 * 86_400
    schemas["RotateKeyBody"]["properties"]["grace_seconds"]["maximum"] = week
    schemas["CreateKeyspaceBody"]["properties"]["profile"]["enum"] = ["keyward", "emailit", "smashfly", None]
    # Other rules would have other levels and fields than those above.
    schemas["UpdateKeyspaceBody"]["properties"]["profile"]["enum"] = ["keyward", None]
    for body in ("CreateOperatorBody", "CreatePortalLinkBody"):
        schemas[body]["properties"]["levels"]["items"] = level
    below = "/v1/keyspaces/{keyspace}"
    of_account = ["accounts.read", "keys.read", "keys.write", "keys.reveal", "operators.read", "usage.read", "audit.read"]
    of_server = ["server.maintain"]
    every = raw_schema["paths"]["/v1/operators"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    every = every["allOf"][1]["properties"]["rights"]["items"]["enum"]
    for path, rights in (
        (f"{below}/operators", [right for right in every if right not in of_server]),
        (f"{below}/accounts/{{account}}/operators", [*of_account, "operators.write"]),
        (f"{below}/accounts/{{account}}/portal-links", of_account),
    ):
        content = raw_schema["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        name = content["schema"]["$ref"].split("/")[-1]
        content["schema"] = copy.deepcopy(schemas[name])
        content["schema"]["properties"]["rights"]["items"] = {"enum": rights}


def bring_witnesses(operation):
    """Sees to it that an exemption that is rarely met is met."""
    for number, entry in enumerate(EXEMPT):
        if "witness" not in entry or entry["operations"][0] != operation.get("operationId"):
            continue
        if "requestBody" in operation:
            examples = operation["requestBody"]["content"]["application/json"].setdefault("examples", {})
            examples[f"exempt {number}"] = {"value": entry["witness"]}
        else:
            for parameter in operation["parameters"]:
                parameter["example"] = entry["witness"].get(parameter["name"], parameter.get("example"))


def made(path):
    """The id of something new that this path leads to."""
    path = path.split("/{id}")[0].format(keyspace="shop", account="acme")
    shown = ask("POST", path, MADE[path.split("/")[-1]])
    return (shown.get("record") or shown["operator"])["id"]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Lets an answer pass that says what no schema could have said before, and notes that it did."""
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    operation = case.operation.definition.raw.get("operationId")
    problem = json.loads(response.content)
    members = problem.get("errors") or [{"field": "", "detail": problem["detail"]}]
    entries = [entry_for(operation, problem["code"], member) for member in members]
    if None in entries:
        return True
    with SEEN.open("a") as seen:
        seen.writelines(f"{entry}\n" for entry in entries)
    return False


def entry_for(operation, code, member):
    """The number of the entry that allows this, or none."""
    for number, entry in enumerate(EXEMPT):
        if (
            operation in entry["operations"]
            and code in entry["codes"]
            and entry.get("field", member["field"]) == member["field"].split("[")[0]
            and re.search(entry.get("says", ""), member["detail"])
        ):
            return number
    return None
