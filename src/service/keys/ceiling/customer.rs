//! What a customer may say of a key of their own account, besides its level: an operator of the account, or whoever
//! opened a portal link.

use super::{Excess, ends_no_later, is_no_faster, level, widened};
use crate::profile::Profile;
use crate::store::KeyContent;

/// What a new key says that is not a customer's to say. Whoever reads a decision takes subject and meta for the API
/// owner's word, and a rate above the level's own is the API owner's to grant.
pub(super) fn overstated(profile: &Profile, content: &KeyContent) -> Option<Excess> {
    for (member, said) in [("subject", &content.subject), ("meta", &content.meta)] {
        if said.is_some() {
            let why = "is for whoever runs the API to say; leave it out";
            return Some((member.to_owned(), why));
        }
    }
    let own = level(profile, content).and_then(|level| level.rate);
    if !is_no_faster(content.rate.or(own), own) {
        let why = "must not be above the rate of its level";
        return Some(("rate".to_owned(), why));
    }
    None
}

/// Another level for a key that the customer could not make, as it is or as it would be. The key would carry what the
/// API's owner said of it into that level, or become one of theirs, whose end and secret are theirs to choose.
pub(super) fn another_level() -> Excess {
    let why = "stays as it is: this key, as it is or would be, is more than you could make";
    ("level".to_owned(), why)
}

/// What an update loosens of a key, but for its level. Its end may be any that the profile lets it have where the
/// customer could make such a key (`is_theirs`); of another, which is more than they can give, it only comes nearer.
pub(super) fn loosened(
    profile: &Profile,
    before: &KeyContent,
    after: &KeyContent,
    is_theirs: bool,
) -> Option<Excess> {
    for (member, had, has) in [
        ("subject", &before.subject, &after.subject),
        ("meta", &before.meta, &after.meta),
    ] {
        if had != has {
            let why = "is for whoever runs the API to say, and stays as it is";
            return Some((member.to_owned(), why));
        }
    }
    if let Some(dimension) = widened(after, before) {
        let why = "the key is limited here, which may be narrowed and not widened: keep its values, or some of them";
        return Some((format!("constraints.{dimension}"), why));
    }
    let own = level(profile, after).and_then(|level| level.rate);
    if !is_no_faster(after.rate.or(own), before.rate.or(own)) {
        let why = "may be lowered and not raised; without one of its own, a key goes by the rate of its level";
        return Some(("rate".to_owned(), why));
    }
    if !is_theirs && !ends_no_later(after, before) {
        let why = "only comes nearer: this key is more than you could make";
        return Some(("expires_at".to_owned(), why));
    }
    None
}
