//! Every way in which keys are made and shown.

use serde_json::{Value, json};

use super::house::{CONTROL, Canary, House, KEYS, MAIL, POST, SHOP};

/// Makes and shows keys in every way.
pub(super) fn make(house: &House) {
    let id = |answer: &Value| answer["record"]["id"].as_str().expect("an id").to_owned();
    let full = |name: &str| Some(json!({ "name": name, "level": "full" }));
    let once = [("idempotency-key", "8e03978e-40d5-43e8-bc93-6894a57f9324")];
    let keys = format!("{SHOP}/keys");
    let (_, made) = house.shows("create", &keys, &[], full(CONTROL));
    house.shows("create once", &keys, &once, full("once"));
    house.shows("create once, replayed", &keys, &once, full("once"));
    house.shows("rotate", &format!("{keys}/{}/rotate", id(&made)), &[], None);
    let grace = Some(json!({ "grace_seconds": 3600, "after_first_use": true }));
    house.shows(
        "rotate with grace",
        &format!("{keys}/{}/rotate", id(&made)),
        &[],
        grace,
    );
    let rotate = format!("{keys}/{}/rotate", id(&made));
    let twice = [("idempotency-key", "rotation")];
    house.shows("rotate once", &rotate, &twice, None);
    house.shows("rotate once, replayed", &rotate, &twice, None);

    let keys = format!("{MAIL}/keys");
    let body = json!({ "name": "sealed", "level": "organization_admin" });
    let (admin, made) = house.shows("create, recoverable", &keys, &[], Some(body));
    let place = format!("{keys}/{}", id(&made));
    house.shows("reveal", &format!("{place}/reveal"), &[], None);
    // Two whose records are soon on free pages.
    for (way, end) in [
        ("create, then removed", "DELETE"),
        ("create, then deactivated", "POST"),
    ] {
        let body = json!({ "name": way, "level": "organization_admin" });
        let (_, made) = house.shows(way, &keys, &[], Some(body));
        let path = format!(
            "{keys}/{}{}",
            id(&made),
            if end == "POST" { "/deactivate" } else { "" }
        );
        let (status, answer) = house.ask(&house.world.operator, end, &path, &[], None);
        assert!((200..300).contains(&status), "{answer}");
    }
    let basic = format!("Basic {admin}");
    let body = json!({ "api_key": { "name": "by dialect" } });
    dialect(
        house,
        "InboxFirst's dialect",
        "/ga/api/v2/api_keys",
        &basic,
        &body,
    );

    let (admin, _) = house.shows(
        "create for a dialect",
        &format!("{POST}/keys"),
        &[],
        full("first"),
    );
    house.shows_to(
        &admin,
        "POST",
        "Emailit's dialect",
        "/v2/api-keys",
        &[],
        Some(json!({ "name": "by dialect" })),
    );

    for path in ["/v1", "/v1/keyspaces/shop", SHOP] {
        let path = format!("{path}/operators");
        let body = json!({ "name": CONTROL, "rights": ["keys.read"] });
        let (_, made) = house.shows("operator", &path, &[], Some(body));
        let id = made["operator"]["id"].as_str().expect("an id");
        house.shows(
            "operator, rotated",
            &format!("{path}/{id}/rotate"),
            &[],
            None,
        );
    }
    house.shows(
        "portal link",
        &format!("{SHOP}/portal-links"),
        &[],
        Some(json!({})),
    );
    let rights = json!({ "rights": ["snapshot.read", "usage.write", "keys.verify"] });
    house.shows("edge token", "/v1/keyspaces/shop/tokens", &[], Some(rights));
}

/// One whose key is sent as Basic credentials.
fn dialect(house: &House, way: &'static str, path: &str, authorization: &str, body: &Value) {
    let url = format!("{}{path}", house.world.server.url);
    let request = ureq::post(url)
        .header("authorization", authorization)
        .header("content-type", "application/json");
    let mut answer = request
        .send(body.to_string())
        .unwrap_or_else(|error| panic!("{way}: {error}"));
    let answer = answer.body_mut().read_to_vec().expect("a body");
    let json: Value = serde_json::from_slice(&answer).expect("JSON");
    let key = KEYS.iter().find_map(|place| json.pointer(place)?.as_str());
    let key = key
        .unwrap_or_else(|| panic!("{way}: no key in {json}"))
        .to_owned();
    house.answers.borrow_mut().push((way.to_owned(), answer));
    let shown_by = vec![house.answers.borrow().len() - 1];
    house
        .canaries
        .borrow_mut()
        .push(Canary { way, key, shown_by });
}
