//! Reads what JavaScript has packed: little-endian numbers, and texts behind their 16-bit lengths.
//!
//! After a cut it reads on and finds nothing more; whoever is through with something asks once whether it was there. An
//! error at every member, and what has to be dropped on the way, took several times the code.

use super::input::Reader;

pub(super) struct Packed<'a> {
    input: Reader<'a>,
    is_cut: bool,
}

impl<'a> Packed<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            input: Reader(bytes),
            is_cut: false,
        }
    }

    /// Whether something was missing, or is not what is meant to stand there.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.input.0.is_empty()
    }

    /// What was recognised; otherwise it counts as cut.
    pub(super) fn known<T: Default>(&mut self, found: Option<T>) -> T {
        self.is_cut |= found.is_none();
        found.unwrap_or_default()
    }

    pub(super) fn u8(&mut self) -> u8 {
        let found = self.input.array().map(|[byte]| byte);
        self.known(found)
    }

    #[inline(never)]
    pub(super) fn u16(&mut self) -> u16 {
        let found = self.input.u16();
        self.known(found)
    }

    #[inline(never)]
    pub(super) fn u32(&mut self) -> u32 {
        let found = self.input.u32();
        self.known(found)
    }

    #[inline(never)]
    pub(super) fn f64(&mut self) -> f64 {
        let found = self.input.array().map(f64::from_le_bytes);
        self.known(found)
    }

    #[inline(never)]
    pub(super) fn bytes(&mut self) -> &'a [u8] {
        let length = self.u16();
        let found = self.input.bytes(usize::from(length));
        self.known(found)
    }

    #[inline(never)]
    pub(super) fn text(&mut self) -> &'a str {
        let bytes = self.bytes();
        self.known(std::str::from_utf8(bytes).ok())
    }

    /// So many items; nothing is allocated for a count alone.
    pub(super) fn items<T>(&mut self, count: u32, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut items = Vec::new();
        for _ in 0..count {
            if self.is_cut {
                break;
            }
            items.push(item(self));
        }
        items
    }

    /// As [`items`](Self::items), behind their 16-bit count.
    pub(super) fn list<T>(&mut self, item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.u16();
        self.items(count.into(), item)
    }
}
