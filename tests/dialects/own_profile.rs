//! A dialect names a wire format: what goes over it is said by the keyspace's profile, whichever that is.

use serde_json::{Value, json};

use crate::house::{House, number};
use crate::server::{Server, text};

/// Another API, whose keys are managed by Emailit's wire format.
const POST_OFFICE: &str = r#"
    schema_version = 1
    id = "post_office"
    title = "Post office"
    dialect = "emailit"
    key = { format = "checksummed", prefix = "po" }
    request = { transports = ["header(x-post-key)"], realm = "Post", base_path = "/post/v7" }
    fields = [{ name = "name", label = "Name", required = true, max_length = 12 }]

    [[scopes]]
    id = "letters"
    title = "Letters"

    [[scopes]]
    id = "desk.read"
    title = "Read keys"

    [[scopes]]
    id = "desk.write"
    title = "Write keys"

    [[levels]]
    id = "clerk"
    title = "Clerk"
    scopes = ["letters"]

    [[levels]]
    id = "reader"
    title = "Reader"
    scopes = ["desk.read"]

    [[levels]]
    id = "master"
    title = "Master"
    scopes = ["letters", "desk.*"]

    [[routes]]
    scope = "desk.read"
    calls = ["GET /api-keys", "GET /api-keys/{id}"]

    [[routes]]
    scope = "desk.write"
    calls = ["POST /api-keys", "POST /api-keys/{id}"]

    [[routes]]
    closed = "Keys of the post office are kept for ever."
    calls = ["DELETE /api-keys/{id}"]
"#;

fn post_office() -> House {
    let house = House::emailit();
    house.keyspace("post", &json!({ "profile_toml": POST_OFFICE }));
    house.account("post", "acme");
    house
}

/// A call with the key in the header that the profile names.
fn call(house: &House, key: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let mut headers = vec![("x-post-key", key)];
    if !body.is_empty() {
        headers.push(("content-type", "application/json"));
    }
    let answer = house.server.send(method, path, &headers, body.as_bytes());
    (answer.status, answer.json())
}

#[test]
fn levels_fields_transports_and_routes_are_the_profiles() {
    let house = post_office();
    let key = |name: &str, level: &str| {
        house
            .key_in("post", "acme", json!({ "name": name, "level": level }))
            .0
    };
    let (master, reader) = (key("a", "master"), key("b", "reader"));
    let post = |key: &str, body: &str| call(&house, key, "POST", "/v2/api-keys", body);

    // The first level is the one for which nothing is said.
    let (status, made) = post(&master, r#"{"name":"c"}"#);
    assert_eq!((status, &made["scope"]), (201, &json!("clerk")));
    assert!(text(&made["key"]).starts_with("po_"));
    // There is no sending domain here; names may repeat, and are short.
    assert_eq!(made["sending_domain_id"], Value::Null);
    assert_eq!(
        post(&master, r#"{"name":"d","sending_domain_id":7}"#).0,
        400
    );
    assert_eq!(post(&master, r#"{"name":"c"}"#).0, 201);
    assert_eq!(post(&master, r#"{"name":"thirteen char"}"#).0, 400);
    assert_eq!(post(&master, r#"{"name":"d","scope":"full"}"#).0, 400);
    // Who may do what is decided by the profile's routes, below the profile's base path.
    assert_eq!(post(&reader, r#"{"name":"d"}"#).0, 403);
    assert_eq!(post(&text(&made["key"]), r#"{"name":"d"}"#).0, 403);
    assert_eq!(call(&house, &reader, "GET", "/v2/api-keys", "").0, 200);
    let path = format!("/v2/api-keys/{}", number(&made["id"]));
    let (status, closed) = call(&house, &master, "DELETE", &path, "");
    assert_eq!(status, 403);
    assert_eq!(
        closed["error"]["message"],
        "Keys of the post office are kept for ever."
    );
    // The format stands at its own paths.
    let headers = [("x-post-key", &*master)];
    let beside = house.server.send("GET", "/post/v7/api-keys", &headers, []);
    beside.expect(404);

    // Where keys are taken in two places, a stranger is told of both.
    let answer = house
        .server
        .send("GET", "/v2/api-keys", &[], [])
        .expect(401);
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"Emailit API\", Keyward realm=\"Post\", header=\"x-post-key\""
    );
}

/// InboxFirst's preset, changed in places.
fn inboxfirst(changes: &[(&str, &str)]) -> Value {
    let mut toml = keyward::profile::Profile::preset_toml("inboxfirst")
        .expect("a preset")
        .replace("id = \"inboxfirst\"", "id = \"mine\"");
    for (from, to) in changes {
        assert!(toml.contains(from), "{from}");
        toml = toml.replace(from, to);
    }
    json!({ "profile_toml": toml })
}

fn house(changes: &[(&str, &str)]) -> House {
    let house = House::start(Server::start(), "inboxfirst", "Basic", "1");
    house.keyspace("mine", &inboxfirst(changes));
    house.account("mine", "7");
    house
}

const KEYS: &str = "/ga/api/v2/api_keys";

#[test]
fn keys_that_are_not_recoverable_are_shown_when_they_are_made_and_null_from_then_on() {
    let house = house(&[("recoverable = true", "recoverable = false")]);
    let body = json!({ "name": "a", "level": "organization_admin" });
    let (key, id) = house.key_in("mine", "7", body);
    let customer = house.with(&key);
    let made = customer.make(KEYS, r#"{"api_key":{"name":"b","active":false}}"#);
    assert!(made["data"]["api_key"].is_string());
    let list = customer.get(KEYS).expect(200).json();
    for item in list["data"].as_array().expect("a list") {
        assert_eq!(item["api_key"], Value::Null);
    }
    // Whoever still has it may send it back all the same.
    let path = format!("{KEYS}/{id}");
    let same = json!({ "api_key": { "api_key": key } }).to_string();
    assert_eq!(
        customer.put(&path, &same).expect(200).json()["data"]["api_key"],
        Value::Null
    );
    let other = json!({ "api_key": { "api_key": made["data"]["api_key"] } }).to_string();
    customer.put(&path, &other).expect(400);
}

#[test]
fn keys_that_cannot_be_switched_back_are_not_switched_off() {
    let house = house(&[("reversible = true", "reversible = false")]);
    let body = json!({ "name": "a", "level": "organization_admin" });
    let (key, _) = house.key_in("mine", "7", body);
    let customer = house.with(&key);
    let made = customer.make(KEYS, r#"{"api_key":{"name":"b"}}"#);
    let path = format!("{KEYS}/{}", number(&made["data"]["id"]));
    let body = r#"{"api_key":{"name":"c","active":false}}"#;
    let refused = customer.put(&path, body).expect(409).json();
    assert_eq!(refused["error_code"], "irreversible");
    // Not by half, either: neither the name, nor a key that was to be made switched off.
    assert_eq!(customer.get(&path).expect(200).json(), made);
    let body = r#"{"api_key":{"name":"d","active":false}}"#;
    customer.post(KEYS, body).expect(409);
    let list = customer.get(KEYS).expect(200).json();
    assert_eq!(list["num_records"], 2);
}

#[test]
fn whoever_may_only_write_is_shown_no_key_that_is_there() {
    let writer =
        "[[levels]]\nid = \"writer\"\ntitle = \"Writer\"\nscopes = [\"api_keys.write\"]\n\n# I3.";
    let house = house(&[("# I3.", writer)]);
    let body = json!({ "name": "a", "level": "organization_admin" });
    let (_, id) = house.key_in("mine", "7", body);
    let (key, own) = house.key_in("mine", "7", json!({ "name": "b", "level": "writer" }));
    let writer = house.with(&key);
    writer.get(KEYS).expect(403);
    for id in [id, own] {
        let path = format!("{KEYS}/{id}");
        let shown = writer.put(&path, r#"{"api_key":{}}"#).expect(200).json();
        assert_eq!(shown["data"]["api_key"], Value::Null);
    }
    // What it makes is no stronger than it is, and its answer shows that key.
    let made = writer.make(KEYS, r#"{"api_key":{"name":"c"}}"#);
    assert_eq!(made["data"]["role"], "writer");
    assert!(made["data"]["api_key"].is_string());
    let body = r#"{"api_key":{"name":"c","role":"organization_admin"}}"#;
    writer.post(KEYS, body).expect(403);
    let raise = r#"{"api_key":{"role":"organization_admin"}}"#;
    writer.put(&format!("{KEYS}/{own}"), raise).expect(403);
}

#[test]
fn a_limit_that_the_dialect_has_no_word_for_is_handed_on() {
    let region = "\n[[constraints]]\nname = \"region\"\ntitle = \"Region\"\nkind = \"text\"\napplies_to = [\"api\"]\nmax_values = 3\n\n# I2, I22";
    let house = house(&[("\n# I2, I22", region)]);
    let body = json!({
        "name": "a", "level": "organization_admin", "constraints": { "region": ["eu", "us"] },
    });
    let (key, _) = house.key_in("mine", "7", body);
    let made = house.with(&key).make(KEYS, r#"{"api_key":{"name":"b"}}"#);
    let id = keyward::key::KeyId::from_u64(number(&made["data"]["id"])).expect("53 bits");
    let path = format!("/v1/keyspaces/mine/accounts/7/keys/{id}");
    let record = house.server.call("GET", &path, None).expect(200).json();
    assert_eq!(record["constraints"]["region"], json!(["eu", "us"]));
}

#[test]
fn an_account_that_is_not_enabled_for_keys_makes_none() {
    let house = House::inboxfirst();
    let customer = house.administrator("a");
    let path = "/v1/keyspaces/main/accounts/1";
    let body = json!({ "keys_enabled": false });
    house.server.call("PATCH", path, Some(body)).expect(200);
    let refused = customer
        .post(KEYS, r#"{"api_key":{"name":"b"}}"#)
        .expect(403)
        .json();
    assert_eq!(refused["error_code"], "keys_not_enabled");
    customer.get(KEYS).expect(200);
}
