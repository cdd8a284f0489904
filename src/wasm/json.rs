//! Structured results outward: JSON, written here and parsed by the host.
//!
//! A call for each member, and none of the code that a serializer's generic ones become: that was 8 kB of the module.

use std::fmt::Write as _;

use wasm_bindgen::JsValue;
use zeroize::Zeroizing;

/// Room for whatever holds a key, so that growing leaves no copy of it behind.
const CAPACITY: usize = 2048;

/// A text of JSON on its way. Numbers are whole and below 2⁵³, so that JavaScript holds them exactly.
pub(super) struct Json(Zeroizing<String>);

impl Json {
    /// The object that `fill` writes the members of.
    pub(super) fn to_js(fill: impl FnOnce(&mut Self)) -> JsValue {
        let mut json = Self(Zeroizing::new(String::with_capacity(CAPACITY)));
        json.object(fill);
        js_sys::JSON::parse(&json.0).unwrap_or(JsValue::NULL)
    }

    /// The name of a member; its value is written next.
    #[inline(never)]
    pub(super) fn key(&mut self, name: &str) -> &mut Self {
        self.text(name);
        self.0.push(':');
        self
    }

    #[inline(never)]
    pub(super) fn text(&mut self, text: &str) {
        self.begin();
        self.0.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => self.0.extend(['\\', character]),
                '\0'..' ' => _ = write!(self.0, "\\u{:04x}", u32::from(character)),
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }

    #[inline(never)]
    pub(super) fn number(&mut self, number: i64) {
        self.begin();
        _ = write!(self.0, "{number}");
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.word(if flag { "true" } else { "false" });
    }

    pub(super) fn null(&mut self) {
        self.word("null");
    }

    pub(super) fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.word("{");
        fill(self);
        self.0.push('}');
    }

    pub(super) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut item: impl FnMut(&mut Self, T),
    ) {
        self.word("[");
        for each in items {
            item(self, each);
        }
        self.0.push(']');
    }

    pub(super) fn texts<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) {
        self.list(texts, Self::text);
    }

    #[inline(never)]
    fn word(&mut self, word: &str) {
        self.begin();
        self.0.push_str(word);
    }

    /// A comma, unless this is the first of its list or object, or the value behind a name.
    fn begin(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }
}
