//! Threats 32 and 52: every operation of the document × every kind of caller × own, foreign and absent things.
//!
//! The operations come from the document. One that this file knows no right or no body for fails it, so that nothing
//! new is left out.

mod callers;
mod operations;
mod tenants;

use serde_json::Value;

use crate::server::Answer;

use self::callers::{Caller, Distance};
use self::operations::{Kind, Operation};
use self::tenants::{Tenant, World};

/// Fewer cells than this would mean that the generator lost something.
const LEAST: usize = 10_000;

/// What a cell is about: how the segments of a path are filled, and what else the request names.
struct Object<'a> {
    name: &'static str,
    keyspace: &'a str,
    account: &'a str,
    id: String,
    /// Whose key a body names.
    named: &'a Tenant,
    has_account: bool,
    /// Whether all of it exists, in one another.
    exists: bool,
}

/// What of an answer a caller can tell apart: its status, its body and its headers.
type Shape = (u16, String, Vec<String>);

fn shape(answer: &Answer) -> Shape {
    let headers = [
        "content-type",
        "www-authenticate",
        "cache-control",
        "etag",
        "allow",
        "retry-after",
        "location",
    ];
    let headers = headers
        .iter()
        .map(|name| answer.header(name).to_owned())
        .collect();
    (answer.status, answer.text(), headers)
}

#[test]
fn every_operation_for_every_caller_over_every_thing() {
    let world = World::new();
    let operations = operations::all();
    let callers = callers::all(&world);
    let before = world.records(&operations);
    let mut cells = 0;
    for operation in &operations {
        for caller in &callers {
            let objects = objects(&world, operation);
            let absent = absent(&world, operation);
            for object in &objects {
                cells += usize::from(cell(&world, operation, caller, object, &absent));
            }
            cells += references(&world, operation, caller);
        }
    }
    println!(
        "{cells} cells: {} operations, {} callers",
        operations.len(),
        callers.len()
    );
    assert!(cells >= LEAST, "{cells} cells");
    let after = world.records(&operations);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after, "what belongs to others is as it was");
    }
    assert!(before.len() > 20, "{} records", before.len());
}

/// The things to ask an operation about.
fn objects<'a>(world: &'a World, operation: &Operation) -> Vec<Object<'a>> {
    let World {
        own,
        sibling,
        foreign,
        none,
        ..
    } = world;
    let is = std::ptr::eq::<Tenant>;
    let thing = |name, place: &'a Tenant, account: &'a Tenant, id: &'a Tenant| {
        let has_account = !is(account, none) && account.keyspace == place.keyspace;
        let exists = match (operation.has("{keyspace}"), operation.has("{account}")) {
            (false, _) => !is(id, none) || operation.kind.is_none(),
            (true, false) => {
                !is(place, none) && (operation.kind.is_none() || id.keyspace == place.keyspace)
            }
            (true, true) => has_account && (operation.kind.is_none() || is(id, account)),
        };
        Object {
            name,
            keyspace: &place.keyspace,
            account: &account.account,
            id: id.id(operation.kind),
            named: id,
            has_account,
            exists,
        }
    };
    let mut objects = vec![
        thing("own", own, own, own),
        thing("absent", none, none, none),
    ];
    if !operation.has("{keyspace}") {
        return objects;
    }
    objects.push(thing("foreign keyspace", foreign, foreign, foreign));
    if operation.kind.is_some() {
        objects.extend([
            thing("own place, absent id", own, own, none),
            thing("own place, id of a foreign keyspace", own, own, foreign),
            thing("foreign keyspace, own id", foreign, foreign, own),
            thing("foreign keyspace, absent id", foreign, foreign, none),
        ]);
    }
    if operation.has("{account}") {
        objects.extend([
            thing("foreign account", own, sibling, sibling),
            thing("absent account", own, none, none),
            thing("account of another keyspace", own, foreign, foreign),
            thing("absent account of a foreign keyspace", foreign, none, none),
            thing("own account under a foreign keyspace", foreign, own, own),
        ]);
        if operation.kind.is_some() {
            objects.extend([
                thing("own account, id of a foreign account", own, own, sibling),
                thing("foreign account, own id", own, sibling, own),
                thing("foreign account, absent id", own, sibling, none),
            ]);
        }
    }
    objects
}

/// The id of what never existed.
fn absent(world: &World, operation: &Operation) -> String {
    world.none.id(operation.kind)
}

/// Asks once, and holds the answer to what the caller may know. Whether it was asked.
fn cell(
    world: &World,
    operation: &Operation,
    caller: &Caller,
    object: &Object<'_>,
    absent: &str,
) -> bool {
    let what = format!(
        "{} {} as {}, {}",
        operation.method, operation.path, caller.name, object.name
    );
    let place = operation.place(object.keyspace, object.account);
    let distance = caller.distance(&place);
    let may = operation.is_public || caller.may(operation, distance);
    let is_own = object.keyspace == world.own.keyspace
        && (!operation.has("{account}") || object.account == world.own.account);
    if may && object.exists && operation.method != "GET" && !is_own {
        // In this caller's reach, and to be left as it is.
        return false;
    }
    let body = operation.body(object.named);
    let filled = |keyspace: &str, account: &str, id: &str| operation.path_of(keyspace, account, id);
    let fresh = if may && object.exists && is_own && operation.method != "GET" {
        operation.kind.map(|kind| world.fresh(operation, kind))
    } else {
        None
    };
    let id = fresh.as_deref().unwrap_or(&object.id);
    let answer = caller.ask(
        &world.server,
        &operation.method,
        &filled(object.keyspace, object.account, id),
        body.clone(),
    );
    let foreign = world.words_beyond(caller);
    let told = answer.text();
    for word in &foreign {
        assert!(!told.contains(word.as_str()), "{what}: {word} in {told}");
    }
    if operation.is_public {
        assert_eq!(answer.status, 200, "{what}: {told}");
        return true;
    }
    if !caller.is_known {
        let code = if caller.credential.is_some() {
            "invalid_credential"
        } else {
            "missing_credential"
        };
        same(
            world,
            caller,
            operation,
            answer,
            (&world.none.keyspace, &world.none.account, absent),
            body,
            &what,
        )
        .problem(401, code);
        return true;
    }
    match distance {
        _ if may && object.exists => {
            assert!(
                (200..300).contains(&answer.status),
                "{what}: {} {told}",
                answer.status
            );
        }
        Distance::OtherKeyspace => {
            let twin = (&*world.none.keyspace, &*world.none.account, absent);
            assert_eq!(answer.status, 404, "{what}: {told}");
            same(world, caller, operation, answer, twin, body, &what).problem(404, "not_found");
        }
        Distance::OtherAccount => {
            let twin = (object.keyspace, &*world.none.account, absent);
            assert_eq!(answer.status, 404, "{what}: {told}");
            same(world, caller, operation, answer, twin, body, &what).problem(404, "not_found");
        }
        Distance::Within | Distance::Wider => {
            let (status, code) = if may {
                (404, "not_found")
            } else {
                (403, "missing_right")
            };
            let account = if object.has_account {
                object.account
            } else {
                &world.none.account
            };
            let twin = (object.keyspace, account, absent);
            assert_eq!(answer.status, status, "{what}: {told}");
            same(world, caller, operation, answer, twin, body, &what).problem(status, code);
        }
    }
    true
}

/// The answer, which has to be the very one that its absent twin gets.
fn same(
    world: &World,
    caller: &Caller,
    operation: &Operation,
    answer: Answer,
    twin: (&str, &str, &str),
    body: Option<Value>,
    what: &str,
) -> Answer {
    let path = operation.path_of(twin.0, twin.1, twin.2);
    let mut twins = world.twins.borrow_mut();
    let twin = twins
        .entry(format!("{} {path} as {}", operation.method, caller.name))
        .or_insert_with(|| shape(&caller.ask(&world.server, &operation.method, &path, body)));
    assert_eq!(shape(&answer), *twin, "{what}: unlike {path}");
    answer
}

/// What a query or body names beside the path: another's is as good as none. The number of cells.
fn references(world: &World, operation: &Operation, caller: &Caller) -> usize {
    let World {
        own,
        sibling,
        foreign,
        none,
        ..
    } = world;
    let path = operation.path_of(&own.keyspace, &own.account, &own.id(operation.kind));
    let mut cells = 0;
    let mut hold = |name: &str, ask: &dyn Fn(&Tenant) -> Answer, other: &Tenant| {
        let what = format!("{} {path} as {}, {name}", operation.method, caller.name);
        let (answer, reference) = (ask(other), ask(none));
        assert_eq!(shape(&answer), shape(&reference), "{what}");
        for word in world.words_beyond(caller) {
            assert!(
                !answer.text().contains(&word),
                "{what}: {word} in {}",
                answer.text()
            );
        }
        cells += 1;
    };
    // Whatever lies in the caller's own keyspace is in sight of whoever sees the keyspace as a whole.
    let others = if operation.has("{account}") {
        vec![sibling, foreign]
    } else {
        vec![foreign]
    };
    for parameter in &operation.references {
        for other in &others {
            let ask = |tenant: &Tenant| {
                let value = match parameter.as_str() {
                    "account" => tenant.account.clone(),
                    "actor" => tenant.id(Some(Kind::AccountOperator)),
                    _ => tenant.id(Some(Kind::Key)),
                };
                caller.ask(
                    &world.server,
                    &operation.method,
                    &format!("{path}?{parameter}={value}"),
                    None,
                )
            };
            hold(parameter, &ask, other);
        }
    }
    if operation.names_a_key() {
        let ask = |tenant: &Tenant| {
            let body = operation.body(tenant);
            caller.ask(&world.server, &operation.method, &path, body)
        };
        hold("the body", &ask, foreign);
    }
    cells
}
