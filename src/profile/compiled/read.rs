//! Reads the compiled form.

use super::sound::is_sound;
use super::{CLOSED, MAGIC, NO_NODE};
use crate::access::{
    Dimension, DimensionKind, Level, Node, RouteAccess, RouteRule, RouteTable, ScopeSet,
};
use crate::error::{Code, Error};
use crate::key::KeyFormat;
use crate::limit::Rate;
use crate::profile::{Field, FieldKind, Lifecycle, Profile, Scope};
use crate::request::Transport;

pub(in crate::profile) fn read(bytes: &[u8]) -> Result<Profile, Error> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(Error::new(
            Code::InvalidProfile,
            "not a compiled profile of this version",
        ));
    };
    let mut input = Reader {
        rest,
        is_damaged: false,
    };
    let profile = read_profile(&mut input);
    if input.is_damaged || !input.rest.is_empty() || !is_sound(&profile) {
        return Err(Error::new(
            Code::InvalidProfile,
            "a compiled profile that is cut short or damaged",
        ));
    }
    Ok(profile)
}

fn read_profile(input: &mut Reader<'_>) -> Profile {
    Profile {
        id: input.text(),
        title: input.text(),
        description: input.text(),
        realm: input.text(),
        key_format: read_key_format(input),
        transports: input.list(|input| {
            let name = input.text();
            input.known(Transport::from_name(&name), Transport::Bearer)
        }),
        scopes: input.list(|input| Scope {
            id: input.text(),
            title: input.text(),
        }),
        levels: input.list(read_level),
        routes: RouteTable {
            base_path: input.text(),
            version_segment: input.flag(),
            rules: input.list(read_rule),
            nodes: read_nodes(input),
            strict: input.node(),
        },
        dimensions: input.list(read_dimension),
        fields: input.list(read_field),
        vocabulary: input.list(|input| (input.text(), input.text())),
        lifecycle: Lifecycle {
            idle_disable_days: Some(input.u16()).filter(|&days| days > 0),
            expires_in_days: input.list(Reader::u16),
            max_expires_in_days: None,
            rotation_grace_days: 0,
            notice_days: None,
            reversible: input.flag(),
            recoverable: input.flag(),
        },
        #[cfg(not(target_family = "wasm"))]
        management: crate::profile::Management::default(),
    }
}

fn read_key_format(input: &mut Reader<'_>) -> KeyFormat {
    let (name, prefix) = (input.text(), input.text());
    let format = match &*name {
        "checksummed" => KeyFormat::checksummed(&prefix).ok(),
        "account_hex" if prefix.is_empty() => Some(KeyFormat::AccountHex),
        "opaque" if prefix.is_empty() => Some(KeyFormat::Opaque),
        _ => None,
    };
    input.known(format, KeyFormat::Opaque)
}

fn read_level(input: &mut Reader<'_>) -> Level {
    Level {
        id: input.text(),
        title: input.text(),
        help: input.text(),
        scopes: input.scopes(),
        everything: input.flag(),
        rate: match (input.u32(), input.u32()) {
            (0, 0) => None,
            (limit, window) => {
                let rate = Rate::new(limit, window).ok();
                input.known(rate.map(Some), None)
            }
        },
    }
}

fn read_rule(input: &mut Reader<'_>) -> RouteRule {
    RouteRule {
        method: input.text(),
        pattern: input.text(),
        access: match input.u16() {
            CLOSED => RouteAccess::Closed(input.text()),
            scope => RouteAccess::Scope(scope),
        },
        cost: input.u32(),
        require_fresh: input.flag(),
    }
}

fn read_nodes(input: &mut Reader<'_>) -> Vec<Node> {
    let count = input.u32();
    input.items(count, |input| Node {
        literals: input.list(|input| (input.text(), input.u32())),
        parameter: input.node(),
        rules: input.list(Reader::u16),
    })
}

fn read_dimension(input: &mut Reader<'_>) -> Dimension {
    Dimension {
        name: input.text(),
        title: input.text(),
        help: input.text(),
        kind: {
            let name = input.text();
            input.known(DimensionKind::from_name(&name), DimensionKind::Text)
        },
        levels: input.list(Reader::u16),
        applies_to: if input.flag() {
            Some(input.scopes())
        } else {
            None
        },
        max_values: input.u16(),
        values: input.list(Reader::text),
    }
}

fn read_field(input: &mut Reader<'_>) -> Field {
    Field {
        name: input.text(),
        label: input.text(),
        help: input.text(),
        required: input.flag(),
        max_length: input.u16(),
        kind: {
            let kind = match &*input.text() {
                "text" => Some(FieldKind::Text),
                "email" => Some(FieldKind::Email),
                _ => None,
            };
            input.known(kind, FieldKind::Text)
        },
        unique: None,
        shown_characters: None,
    }
}

/// Reads on after damage, and finds nothing more: whoever is through asks once whether all was there. With an error at
/// every field, the paths that drop the half of a profile were a tenth of the module.
struct Reader<'a> {
    rest: &'a [u8],
    is_damaged: bool,
}

impl Reader<'_> {
    fn bytes(&mut self, length: usize) -> &[u8] {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or_else(|| {
            self.is_damaged = true;
            (&[], &[])
        });
        self.rest = rest;
        taken
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.bytes(N).try_into().unwrap_or([0; N])
    }

    /// What was recognised, or `other` in a profile that will not be used.
    fn known<T>(&mut self, found: Option<T>, other: T) -> T {
        self.is_damaged |= found.is_none();
        found.unwrap_or(other)
    }

    #[inline(never)]
    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    #[inline(never)]
    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    /// The position of a node that need not be there.
    fn node(&mut self) -> Option<u32> {
        Some(self.u32()).filter(|&node| node != NO_NODE)
    }

    fn scopes(&mut self) -> ScopeSet {
        ScopeSet::from_bits(u128::from_le_bytes(self.array()))
    }

    fn flag(&mut self) -> bool {
        let [flag] = self.array();
        self.is_damaged |= flag > 1;
        flag == 1
    }

    #[inline(never)]
    fn text(&mut self) -> Box<str> {
        let length = self.u16();
        let text = std::str::from_utf8(self.bytes(usize::from(length))).map(Box::from);
        self.known(text.ok(), Box::default())
    }

    fn list<T>(&mut self, item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.u16();
        self.items(count.into(), item)
    }

    fn items<T>(&mut self, count: u32, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        // Nothing is allocated for a count alone: each item has to be there.
        let mut items = Vec::new();
        for _ in 0..count {
            if self.is_damaged {
                break;
            }
            items.push(item(self));
        }
        items
    }
}
