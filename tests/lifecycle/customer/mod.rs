//! A customer's word (threat 52): what an operator of one account, or a portal link, may do with the keys of the
//! account that whoever runs the API has made and limited.

mod keys;
mod levels;
mod limits;

use std::collections::BTreeMap;

use keyward::access::Constraint;
use keyward::limit::Rate;
use keyward::service::{
    AccountPath, Code, CreateKey, CreateOperator, CreatePortalLink, KeyRecord, Principal, Reach,
    ServiceError, UpdateKey, rfc3339,
};

use crate::house::{DAY, House, Made, key};

/// An operator of the account, and whoever opened a portal link for it; of these levels.
fn customers(house: &House, account: &AccountPath, levels: Option<&[&str]>) -> [Principal; 2] {
    let levels = levels.map(|levels| levels.iter().map(|&level| level.to_owned()).collect());
    let create = CreateOperator {
        name: "their administrator".to_owned(),
        rights: vec!["keys.read".to_owned(), "keys.write".to_owned()],
        levels: Option::<Vec<String>>::clone(&levels),
        ..CreateOperator::default()
    };
    let reach = Reach::Account(account.clone());
    let operator = house.service.create_operator(&house.boss, &reach, &create);
    let create = CreatePortalLink {
        levels,
        ..CreatePortalLink::default()
    };
    let link = house
        .service
        .create_portal_link(&house.boss, account, &create);
    [operator, link].map(|issued| Principal::from(issued.expect("made").record))
}

fn networks(networks: &[&'static str]) -> BTreeMap<String, Constraint> {
    let only = Constraint::only(networks.iter().copied()).expect("networks");
    BTreeMap::from([("ip".to_owned(), only)])
}

fn level(level: &str) -> UpdateKey {
    UpdateKey {
        level: Some(level.to_owned()),
        ..UpdateKey::default()
    }
}

fn rate(limit: u32) -> Rate {
    Rate::new(limit, 60).expect("a rate")
}

/// An account whose keys of level `read` have a rate: 100 a minute.
fn rated_shop(house: &House) -> AccountPath {
    let toml = keyward::profile::Profile::preset_toml("keyward").expect("a preset");
    let toml = toml.replacen(
        "help = \"Looks at everything and changes nothing.\"",
        "rate = { limit = 100, window = 60 }",
        1,
    );
    house.own_shop("rated", &toml)
}

/// A key that the API's owner has limited, and speaks of to its own backend.
fn limited(house: &House, name: &str) -> CreateKey {
    CreateKey {
        constraints: networks(&["10.0.0.0/8", "192.0.2.7"]),
        rate: Some(rate(10)),
        expires_at: Some(rfc3339(house.service.now().saturating_add_millis(30 * DAY))),
        subject: Some("user-7".to_owned()),
        meta: Some(r#"{"plan":"trial"}"#.to_owned()),
        ..key("name", name, "read")
    }
}

/// Keys of which something is said that only the API's owner says, by the field.
fn spoken_of() -> [(&'static str, CreateKey); 2] {
    let with = CreateKey::default;
    let subject = Some("user-7".to_owned());
    let meta = Some("{}".to_owned());
    [
        ("subject", CreateKey { subject, ..with() }),
        ("meta", CreateKey { meta, ..with() }),
    ]
}

/// The same key with this name and level.
fn named(name: &str, level: &str, create: CreateKey) -> CreateKey {
    let CreateKey { fields, level, .. } = key("name", name, level);
    CreateKey {
        fields,
        level,
        ..create
    }
}

/// What somebody does with a key of the API's owner.
struct Case<'a> {
    house: &'a House,
    made: &'a Made,
    caller: &'a Principal,
}

impl<'a> Case<'a> {
    const fn of(house: &'a House, made: &'a Made, caller: &'a Principal) -> Self {
        Self {
            house,
            made,
            caller,
        }
    }

    fn update(&self, update: &UpdateKey) -> Result<KeyRecord, ServiceError> {
        let Made { account, .. } = self.made;
        self.house
            .service
            .update_key(self.caller, account, &self.made.id(), update, None)
    }

    #[track_caller]
    fn refused(&self, field: &str, update: &UpdateKey) {
        let before = self.house.record(self.made);
        let error = self.update(update).map(|_| ()).expect_err(field);
        assert_eq!(error.code(), Code::StrongerThanMaker, "{field}: {error}");
        assert_eq!(error.fields()[0].field, field);
        let after = self.house.record(self.made);
        assert_eq!(format!("{after:?}"), format!("{before:?}"));
    }
}
