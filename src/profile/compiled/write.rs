//! Writes the compiled form.

use super::{CLOSED, MAGIC, NO_NODE};
use crate::access::{Dimension, Level, RouteAccess, RouteTable, ScopeSet};
use crate::limit::Rate;
use crate::profile::Profile;

pub(in crate::profile) fn write(profile: &Profile) -> Vec<u8> {
    let mut out = Writer(MAGIC.to_vec());
    for text in [
        &profile.id,
        &profile.title,
        &profile.description,
        &profile.realm,
    ] {
        out.text(text);
    }
    out.text(profile.key_format.as_str());
    out.text(profile.key_format.prefix().unwrap_or_default());
    out.list(&profile.transports, |out, transport| {
        out.text(&transport.to_string());
    });
    out.list(&profile.scopes, |out, scope| {
        out.text(&scope.id);
        out.text(&scope.title);
    });
    out.list(&profile.levels, write_level);
    write_routes(&mut out, &profile.routes);
    out.list(&profile.dimensions, write_dimension);
    out.list(&profile.fields, |out, field| {
        out.text(&field.name);
        out.text(&field.label);
        out.text(&field.help);
        out.flag(field.required);
        out.u16(field.max_length);
        out.text(field.kind.as_str());
    });
    out.list(&profile.vocabulary, |out, (word, text)| {
        out.text(word);
        out.text(text);
    });
    let lifecycle = &profile.lifecycle;
    out.u16(lifecycle.idle_disable_days.unwrap_or(0));
    out.list(&lifecycle.expires_in_days, |out, &days| out.u16(days));
    out.flag(lifecycle.reversible);
    out.flag(lifecycle.recoverable);
    out.0
}

fn write_level(out: &mut Writer, level: &Level) {
    out.text(&level.id);
    out.text(&level.title);
    out.text(&level.help);
    out.scopes(level.scopes);
    out.flag(level.everything);
    out.u32(level.rate.map_or(0, Rate::limit));
    out.u32(level.rate.map_or(0, Rate::window_seconds));
}

fn write_routes(out: &mut Writer, routes: &RouteTable) {
    out.text(&routes.base_path);
    out.flag(routes.version_segment);
    out.list(&routes.rules, |out, rule| {
        out.text(&rule.method);
        out.text(&rule.pattern);
        match &rule.access {
            RouteAccess::Scope(scope) => out.u16(*scope),
            RouteAccess::Closed(text) => {
                out.u16(CLOSED);
                out.text(text);
            }
        }
        out.u32(rule.cost);
        out.flag(rule.require_fresh);
    });
    out.u32(u32::try_from(routes.nodes.len()).unwrap_or(u32::MAX));
    for node in &routes.nodes {
        out.list(&node.literals, |out, (literal, child)| {
            out.text(literal);
            out.u32(*child);
        });
        out.u32(node.parameter.unwrap_or(NO_NODE));
        out.list(&node.rules, |out, &rule| out.u16(rule));
    }
    out.u32(routes.strict.unwrap_or(NO_NODE));
}

fn write_dimension(out: &mut Writer, dimension: &Dimension) {
    out.text(&dimension.name);
    out.text(&dimension.title);
    out.text(&dimension.help);
    out.text(dimension.kind.as_str());
    out.list(&dimension.levels, |out, &level| out.u16(level));
    out.flag(dimension.applies_to.is_some());
    if let Some(scopes) = dimension.applies_to {
        out.scopes(scopes);
    }
    out.u16(dimension.max_values);
    out.list(&dimension.values, |out, value| out.text(value));
}

struct Writer(Vec<u8>);

impl Writer {
    fn flag(&mut self, flag: bool) {
        self.0.push(u8::from(flag));
    }

    fn u16(&mut self, number: u16) {
        self.0.extend(number.to_le_bytes());
    }

    fn u32(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    fn scopes(&mut self, scopes: ScopeSet) {
        self.0.extend(scopes.bits().to_le_bytes());
    }

    /// A length of 16 bits and the text. Checked profiles hold no longer ones; a longer text would be cut at a
    /// character.
    fn text(&mut self, text: &str) {
        let text = &text[..text.floor_char_boundary(usize::from(u16::MAX))];
        self.u16(u16::try_from(text.len()).unwrap_or(u16::MAX));
        self.0.extend(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.u16(u16::try_from(items.len()).unwrap_or(u16::MAX));
        for each in items.iter().take(usize::from(u16::MAX)) {
            item(self, each);
        }
    }
}
